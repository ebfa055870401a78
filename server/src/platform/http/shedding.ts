import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { addressGroup } from './addresses.ts'
import { takesFiles } from './body-deadline.ts'
import { fault } from './fault.ts'

export interface SheddingOptions {
  /** Mean delay of the event loop, above which new requests are turned away: over each of two samples in a row. */
  maxDelayMs?: number
  /** Requests under way at once. */
  maxInFlight?: number
  sampleMs?: number
  onShed?: () => void
}

declare module 'fastify' {
  interface FastifyReply {
    /** Counted among the requests under way. */
    isInFlight: boolean
  }
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
  // One late sample is a start, a collection of garbage or a machine that stood still; load goes on.
  let lateSamples = 0
  const timer = setInterval(() => {
    // Not a turn of the loop in it: the next one tells.
    if (delay.count === 0) return
    lateSamples = delay.mean / 1e6 - resolutionMs > maxDelayMs ? lateSamples + 1 : 0
    delay.reset()
  }, sampleMs)
  timer.unref()
  // What came before anybody could ask is nobody's load.
  app.addHook('onListen', async () => {
    lateSamples = 0
    delay.reset()
  })
  app.addHook('onClose', async () => {
    clearInterval(timer)
    delay.disable()
  })

  app.decorateReply('isInFlight', false)
  let inFlight = 0
  /** Undefined: there is room. */
  const refusal = () => {
    if (lateSamples < 2 && inFlight < maxInFlight) return undefined
    onShed?.()
    return fault('server.overloaded', { headers: { 'retry-after': '2' } })
  }
  const letGo = (reply: FastifyReply) => {
    if (!reply.isInFlight) return
    reply.isInFlight = false
    inFlight -= 1
  }
  // With callbacks: a promise for each of these hooks is a tenth of what a request costs.
  app.addHook('onRequest', (request, _reply, done) => {
    done(exempt.has(request.url) ? undefined : refusal())
  })
  // A request is work once its body is there: bytes that are waited for cost a socket, not a turn.
  app.addHook('preValidation', (request, reply, done) => {
    if (exempt.has(request.url) || takesFiles(request) || reply.raw.closed) return done()
    // An open websocket is not work under way; the hub bounds those.
    if (request.headers.upgrade !== undefined) return done()
    const refused = refusal()
    if (refused) return done(refused)
    inFlight += 1
    reply.isInFlight = true
    reply.raw.once('close', () => letGo(reply))
    done()
  })
  // And no longer than until it is answered: how fast the answer is taken is the client's business.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    letGo(reply)
    done()
  })
}

/** Generous for a house behind one address; far from enough to take every socket. */
const maxOpenPerAddress = 256

/** Nobody holds the whole server by requests that never end, or answers that are never read. */
export function limitOpenRequests(app: FastifyInstance, max = maxOpenPerAddress): void {
  const open = new Map<string, number>()
  app.addHook('onRequest', async (request, reply) => {
    // Websockets are bounded by the hub.
    if (exempt.has(request.url) || request.headers.upgrade !== undefined) return
    const group = addressGroup(request.ip)
    const count = open.get(group) ?? 0
    if (count >= max) throw fault('rate.limited', { headers: { 'retry-after': '2', connection: 'close' } })
    open.set(group, count + 1)
    const leave = () => {
      const left = (open.get(group) ?? 1) - 1
      if (left > 0) open.set(group, left)
      else open.delete(group)
    }
    // An answer may be out while the rest of the body still comes in.
    reply.raw.once('close', () => {
      if (request.raw.complete === false && !request.raw.destroyed) request.raw.once('close', leave)
      else leave()
    })
  })
}
