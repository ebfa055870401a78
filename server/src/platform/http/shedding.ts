import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { fault } from './fault.ts'

export interface SheddingOptions {
  /** Mean delay of the event loop over one sample, above which new requests are turned away. */
  maxDelayMs?: number
  /** Requests under way at once. */
  maxInFlight?: number
  sampleMs?: number
  onShed?: () => void
}

/** Asked by machines that decide whether this one lives. */
const exempt = new Set(['/healthz', '/readyz', '/metrics'])

/**
 * Turns requests away while those that are in can still be answered.
 * Answering late costs as much as answering in time, and the client has gone by then.
 */
export function shedLoad(app: FastifyInstance, options: SheddingOptions = {}): void {
  const { maxDelayMs = 1000, maxInFlight = 2000, sampleMs = 1000, onShed } = options
  const resolutionMs = 20
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  let isLate = false
  const timer = setInterval(() => {
    isLate = delay.mean / 1e6 - resolutionMs > maxDelayMs
    delay.reset()
  }, sampleMs)
  timer.unref()
  app.addHook('onClose', async () => {
    clearInterval(timer)
    delay.disable()
  })

  const counted = new WeakSet<object>()
  let inFlight = 0
  app.addHook('onRequest', async (request, reply) => {
    if (exempt.has(request.url)) return
    if (isLate || inFlight >= maxInFlight) {
      onShed?.()
      throw fault('server.overloaded', { headers: { 'retry-after': '2' } })
    }
    // An open websocket is not work under way; the hub bounds those.
    if (request.headers.upgrade !== undefined) return
    inFlight += 1
    counted.add(reply.raw)
    reply.raw.once('close', () => {
      if (counted.delete(reply.raw)) inFlight -= 1
    })
  })
}
