import { Logger } from 'graphile-worker'
import type { Log } from '#platform/telemetry/log.ts'

export const quietLogger = new Logger(() => () => undefined)

/** What the queue itself has to say; failures of jobs are logged by the tasks, with their context. */
export function createQueueLogger(log: Log): Logger {
  return new Logger(() => (level, message) => {
    if (message.startsWith('Failed task')) return
    // Lanes share one small pool on purpose: what is done for a job on it is short.
    if (message.includes('maxPoolSize')) return
    if (level === 'error' || level === 'warning') log.warn({ from: 'graphile-worker' }, message)
    else log.trace({ from: 'graphile-worker' }, message)
  })
}
