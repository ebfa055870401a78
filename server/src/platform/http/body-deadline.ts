import type { FastifyInstance, FastifyRequest } from 'fastify'
import { fault } from './fault.ts'

/** Bodies of these may be files, on lines of any speed; every other body is a few kilobytes. */
const filesPath = '/api/uploads'

/** Whether its body is streamed by its handler, for as long as that takes. */
export function takesFiles({ url }: FastifyRequest): boolean {
  return url === filesPath || (url.startsWith(filesPath) && /^[/?]/.test(url.slice(filesPath.length)))
}

/** A body that drips in holds a socket and its buffers; budgets are spent only once it is there. */
export function limitBodyTime(app: FastifyInstance, maxMs = 20_000): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (takesFiles(request) || !hasBody(request)) return done()
    const { raw } = request
    const timer = setTimeout(() => {
      if (raw.complete || raw.destroyed) return
      // A body that nobody wanted is still read away after the answer: that, too, ends.
      if (reply.sent) raw.destroy()
      else void reply.send(fault('request.too_slow', { headers: { connection: 'close' } }))
    }, maxMs)
    timer.unref()
    raw.once('close', () => clearTimeout(timer))
    done()
  })
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
