import { lookup as lookUp } from 'node:dns/promises'
import { request as requestPlain } from 'node:http'
import { request as requestSafe } from 'node:https'
import { BlockList, isIP, isIPv6 } from 'node:net'

/** Why nothing was sent. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError'
}

export interface OutboundRequest {
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  /** From the first look-up to the end of the answer. */
  timeoutMs?: number
}

export interface OutboundAnswer {
  status: number
  retryAfter: string | undefined
}

/**
 * Requests to addresses that somebody else has chosen. https only, to public addresses only: a name is looked up once, every
 * address that it has must be public, and the connection goes to one of exactly those, so that no second look-up can end
 * elsewhere. Redirects are answers like any other and are never followed; of an answer only its status is read.
 */
export interface Outbound {
  /** Throws `RefusedAddressError` for what nothing would ever be sent to; names are not looked up. */
  check(url: string): void
  /** Rejects with `RefusedAddressError`, or with what the network says. */
  post(url: string, request: OutboundRequest): Promise<OutboundAnswer>
}

export interface OutboundOptions {
  /** Origins of the operator's own that may be private and without TLS: `http://10.0.0.5:8080`. */
  trustedOrigins?: readonly string[]
  lookup?: (hostname: string) => Promise<readonly { address: string; family: number }[]>
}

const timeoutMs = 15_000
const ports = new Set(['', '443'])

export function createOutbound({
  trustedOrigins = [],
  lookup = (hostname) => lookUp(hostname, { all: true, verbatim: true }),
}: OutboundOptions = {}): Outbound {
  const trusted = new Set(trustedOrigins)

  function parse(text: string): { url: URL; isTrusted: boolean } {
    const url = URL.parse(text)
    if (url === null) throw new RefusedAddressError('This is no address')
    if (url.username !== '' || url.password !== '') throw new RefusedAddressError('It carries credentials')
    if (trusted.has(url.origin)) return { url, isTrusted: true }
    if (url.protocol !== 'https:') throw new RefusedAddressError('Only https is spoken')
    if (!ports.has(url.port)) throw new RefusedAddressError(`Port ${url.port} is no port of https`)
    const host = bareHost(url)
    if (isIP(host) !== 0 && !isPublicAddress(host)) throw new RefusedAddressError(`${host} is not public`)
    if (isLocalName(host)) throw new RefusedAddressError(`${host} is a name of this machine or network`)
    return { url, isTrusted: false }
  }

  async function resolve(url: URL, isTrusted: boolean): Promise<{ address: string; family: number }[]> {
    const host = bareHost(url)
    const family = isIP(host)
    const found = family === 0 ? await lookup(host) : [{ address: host, family }]
    const hidden = isTrusted ? undefined : found.find(({ address }) => !isPublicAddress(address))
    if (found.length === 0 || hidden) throw new RefusedAddressError(`${host} is not public`)
    return [...found]
  }

  return {
    check: (url) => void parse(url),

    async post(text, { headers, body, timeoutMs: within = timeoutMs }) {
      const { url, isTrusted } = parse(text)
      const signal = AbortSignal.timeout(within)
      const addresses = await Promise.race([resolve(url, isTrusted), ended(signal)])
      const send = url.protocol === 'https:' ? requestSafe : requestPlain
      return await new Promise((done, failed) => {
        const request = send(url, {
          method: 'POST',
          headers: { ...headers, 'content-length': String(body.byteLength) },
          signal,
          // A connection of its own: one that is kept alive may have been made for another look-up.
          agent: false,
          lookup: pinned(addresses),
        })
        request.on('response', (response) => {
          done({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] })
          // Whatever it says more is not ours to read.
          response.destroy()
        })
        // Nobody asked for it: without who takes it, no answer would ever be told.
        request.on('upgrade', ({ statusCode = 0 }, socket) => {
          done({ status: statusCode, retryAfter: undefined })
          socket.destroy()
        })
        request.on('error', failed)
        request.end(body)
      })
    },
  }
}

type Lookup = NonNullable<Parameters<typeof requestPlain>[1]>['lookup']

/** Whatever name is asked for: the addresses that were judged. */
function pinned(addresses: readonly { address: string; family: number }[]): Lookup {
  return (_hostname, options, done) => {
    const [first] = addresses
    if (options.all) (done as (error: null, found: object) => void)(null, [...addresses])
    else done(null, first!.address, first!.family)
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, failed) => {
    signal.addEventListener('abort', () => failed(signal.reason), { once: true })
  })
}

function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

/** Names that never lead outside; a look-up may still say otherwise. */
function isLocalName(host: string): boolean {
  return (
    /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|arpa)$/i.test(host) || !/[.:]/.test(host)
  )
}

/** By IANA's registries of special-purpose addresses: what is not globally reachable, and multicast. */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Of IPv6 only 2000::/3 is given out; these parts of it are special or carry an IPv4 address inside. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const notPublic = listOf([...special4, ...special6])
const givenOut6 = listOf(['2000::/3'])

export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !notPublic.check(address, 'ipv4')
  // With a zone it is of this link; mapped, translated and tunnelled IPv4 lies outside what is given out, or is named above.
  if (family !== 6 || address.includes('%')) return false
  return givenOut6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6')
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}
