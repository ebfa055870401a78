import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { HttpConfig } from '#config/config.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { fault } from './fault.ts'

const appPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Nothing that the API answers is meant to be a page. */
const dataPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

const plainHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'permissions-policy':
    'camera=(self), microphone=(self), geolocation=(self), payment=(), usb=(), browsing-topics=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** What every request meets first: is it for us, does it come from our own pages, what may a page do. */
export function guard(app: FastifyInstance, config: HttpConfig, log: Pick<Log, 'warn'>): void {
  const allowedHosts = new Set(config.allowedHosts.map((host) => host.toLowerCase()))
  const isHttps = config.publicUrl.startsWith('https:')
  let awaitsProxy = config.trustedProxies.length === 0

  app.addHook('onRequest', (request, reply, done) => {
    setPlainHeaders(request, reply)
    if (isHttps) reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains')
    if (awaitsProxy && request.headers['x-forwarded-for'] !== undefined) {
      awaitsProxy = false
      log.warn(
        { proxy: request.socket.remoteAddress },
        'Requests come through a proxy that TRUSTED_PROXIES does not name: all who come through it count as one',
      )
    }
    // Without this a foreign name that resolves to this machine makes its page one of ours.
    if (!allowedHosts.has(hostNameOf(request))) done(fault('request.host'))
    else done(isFromOutside(request, config.publicUrl) ? fault('request.origin') : undefined)
  })
}

export function setPlainHeaders(request: FastifyRequest, reply: FastifyReply): void {
  const isApi = request.url === '/api' || request.url.startsWith('/api/')
  reply.headers(plainHeaders)
  reply.header('x-request-id', request.id)
  reply.header('content-security-policy', isApi && !isDocs(request.url) ? dataPolicy : appPolicy)
  if (isApi) reply.header('cache-control', 'no-store')
}

function isDocs(url: string): boolean {
  return /^\/api\/docs(?:[/?]|$)/.test(url)
}

function hostNameOf(request: FastifyRequest): string {
  const host = (request.host ?? '').toLowerCase()
  return host.replace(/:\d+$/, '')
}

/** A page of another site acts with the visitor's cookie: browsers name that site, other clients name none. */
function isFromOutside(request: FastifyRequest, publicUrl: string): boolean {
  const isUpgrade = request.headers.upgrade !== undefined
  const changes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method)
  if (!changes && !isUpgrade) return false
  const { origin } = request.headers
  if (origin !== undefined) return origin !== publicUrl && origin !== `${request.protocol}://${request.host}`
  const site = request.headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}
