/** Not on plain http, except on this very machine, and not at addresses of numbers. */
export function passkeysWork(): boolean {
  return (
    isSecureContext && typeof PublicKeyCredential === 'function' && !/^[\d.]+$|^\[/.test(location.hostname)
  )
}
