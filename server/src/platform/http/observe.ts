import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { factsOf } from './request-facts.ts'

/** Times every request by its route, and writes one line about it. */
export function observe(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    // An answer that nobody waits for any more never finishes: closing alone happens to all.
    reply.raw.once('close', () => {
      const isAnswered = reply.raw.writableEnded || reply.raw.statusCode === 101
      const status = isAnswered ? reply.statusCode : 499
      const route = request.routeOptions.url ?? 'unknown'
      metrics.httpDuration.observe({ method: request.method, route, status }, reply.elapsedTime / 1000)
      writeLine(request, reply, route, status)
    })
    done()
  })
}

/** The route, never the address: addresses hold names, signatures and search words. */
function writeLine(request: FastifyRequest, reply: FastifyReply, route: string, status: number): void {
  const { isWatched, code, account } = factsOf(request)
  const facts = { method: request.method, route, status, ms: Math.round(reply.elapsedTime * 10) / 10 }
  const more = { ...(code && { problem: code }), ...(account && { account }) }
  if (status >= 400 || isWatched) request.log.info({ ...facts, ...more }, 'request')
  else request.log.debug(facts, 'request')
}
