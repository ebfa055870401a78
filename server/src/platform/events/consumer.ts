import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { type Id, MIN_ID } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { StoredEvent } from './event-types.ts'
import { createLease } from './lease.ts'
import { createReader, type Reader, type ReaderOptions } from './reader.ts'

/**
 * Reads all events in one process at a time, the holder of its lease; its position is kept, so that what happened while
 * nobody held it is caught up.
 */
export interface Consumer {
  offer(event: StoredEvent): void
  start(): Promise<void>
  /** Hands on everything that is visible now; takes the lease if need be. */
  flush(): Promise<void>
  stop(): Promise<void>
}

export interface ConsumerOptions {
  database: Database
  clock: Clock
  log: Log
  /** Of the lease: whoever uses the same name goes on where the last one was. */
  name: string
  /** Where one begins that never ran before; default: with the first event that is kept. */
  from?: () => Id
  /** Rejects when the events were not taken; they come again. */
  deliver(events: readonly StoredEvent[]): Promise<void>
  restAfter?: ReaderOptions['restAfter']
}

const RENEW_MS = 2000

export function createConsumer(options: ConsumerOptions): Consumer {
  const { database, log, name, from } = options
  const lease = createLease(database, name, from)
  let reader: Reader | undefined
  let timer: NodeJS.Timeout | undefined
  let ticking: Promise<void> | undefined
  let stopped = false

  const open = (): Reader =>
    createReader({
      ...options,
      position: async () => lease.position() ?? MIN_ID,
      reached: async (position) => lease.reach(position),
    })

  /** The lease is taken or renewed, and the reader is there exactly as long as it is held. */
  const hold = async (): Promise<Reader | undefined> => {
    const held = await lease.hold()
    if (held && !reader) {
      reader = open()
      // What piled up while nobody read is caught up meanwhile.
      void reader.start()
    } else if (!held && reader) {
      const lost = reader
      reader = undefined
      await lost.stop()
    }
    return reader
  }

  const tick = async () => {
    await hold().catch((error) => log.debug({ err: error, consumer: name }, 'The lease could not be taken'))
  }

  const schedule = () => {
    timer = setTimeout(() => {
      ticking = tick().then(() => {
        if (!stopped) schedule()
      })
    }, RENEW_MS)
    timer.unref()
  }

  return {
    offer: (event) => reader?.offer(event),
    async start() {
      await tick()
      schedule()
    },
    async flush() {
      const held = await hold()
      await held?.sweep()
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await ticking
      await reader?.stop()
      reader = undefined
      await lease.release().catch(() => undefined)
    },
  }
}
