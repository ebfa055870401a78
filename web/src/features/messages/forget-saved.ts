/** What the service worker keeps for looking at without a connection may still have what is gone. */
export function forgetSaved(): void {
  navigator.serviceWorker?.controller?.postMessage({ type: 'gone' })
}
