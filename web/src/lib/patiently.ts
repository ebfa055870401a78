import { isProblem } from './api.ts'

const passing = [
  'client.offline',
  'client.timeout',
  'server.unavailable',
  'server.overloaded',
  'rate.limited',
  'idempotency.in_progress',
] as const

/** Waits out a lost connection; what is sent must have a key that makes asking again harmless. */
export async function patiently<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 30_000)) {
    try {
      return await send()
    } catch (error) {
      if (!isProblem(error, ...passing) || signal.aborted) throw error
      const pause = error.retryAfter === undefined ? wait : error.retryAfter * 1000
      await new Promise((resolve) => setTimeout(resolve, pause))
      signal.throwIfAborted()
    }
  }
}
