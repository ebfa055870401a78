/**
 * The browser's session. `__Host-heliograph` is set always. Safari takes no Secure cookie on plain http, so
 * there `heliograph` is set beside it, and is believed only there: on https nobody on the way can plant one.
 */
const secureName = '__Host-heliograph'
const plainName = 'heliograph'
/** The browser itself, also between sessions: by it a sign-in from a new device is told from one at home. */
const deviceSuffix = '-device'

export interface Surroundings {
  /** The request came over plain http, and this server is meant to be used that way. */
  isPlainHttp: boolean
}

export function readSessionCookie(header: string | undefined, surroundings: Surroundings): string | null {
  return readCookie(header, '', surroundings)
}

export function readDeviceCookie(header: string | undefined, surroundings: Surroundings): string | null {
  return readCookie(header, deviceSuffix, surroundings)
}

function readCookie(
  header: string | undefined,
  suffix: string,
  { isPlainHttp }: Surroundings,
): string | null {
  if (!header) return null
  const cookies = new Map(header.split(';').map(nameAndValue))
  const plain = isPlainHttp ? cookies.get(`${plainName}${suffix}`) : undefined
  return cookies.get(`${secureName}${suffix}`) ?? plain ?? null
}

function nameAndValue(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return [pair.slice(0, at < 0 ? pair.length : at).trim(), at < 0 ? '' : pair.slice(at + 1).trim()]
}

/** Values of `Set-Cookie`. */
export function sessionCookies(token: string, maxAgeSeconds: number, surroundings: Surroundings): string[] {
  return setCookies('', token, maxAgeSeconds, surroundings)
}

export function deviceCookies(token: string, maxAgeSeconds: number, surroundings: Surroundings): string[] {
  return setCookies(deviceSuffix, token, maxAgeSeconds, surroundings)
}

function setCookies(
  suffix: string,
  value: string,
  maxAgeSeconds: number,
  { isPlainHttp }: Surroundings,
): string[] {
  const shared = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`
  const cookies = [`${secureName}${suffix}=${value}; ${shared}; Secure`]
  if (isPlainHttp) cookies.push(`${plainName}${suffix}=${value}; ${shared}`)
  return cookies
}

export function endedSessionCookies(surroundings: Surroundings): string[] {
  return sessionCookies('', 0, surroundings)
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])
/** Whoever passes requests on says so in one of these, though it may forget to say what was asked for, and how. */
const passedOn = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'x-real-ip', 'via']

export interface Asked {
  /** As the client used them, behind trusted proxies too. */
  protocol: string
  hostname: string
  headers: Readonly<Record<string, unknown>>
}

/** Of a server that others reach over https only the operator's own browser on the same machine comes over plain http. */
export function surroundingsOf({ protocol, hostname, headers }: Asked, publicUrl: string): Surroundings {
  const isOwn = loopback.has(hostname) && !passedOn.some((name) => headers[name] !== undefined)
  const isMeantPlain = publicUrl.startsWith('http:') || isOwn
  return { isPlainHttp: protocol === 'http' && isMeantPlain }
}
