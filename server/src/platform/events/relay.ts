import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { MIN_ID } from '#platform/ids/ids.ts'
import type { Jobs, NewJob } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { EventKind, Events, ReactionOptions, StoredEvent } from './events.ts'
import { createLease } from './lease.ts'
import { purgeEvents } from './purge.ts'
import { createReader, type Reader } from './reader.ts'

/**
 * Hands events to the queue. One process at a time does it, the holder of the lease; its position is kept, so that
 * what happened while nobody held it is caught up. Two at once would only enqueue some jobs twice, under one key.
 */
export interface Relay {
  react: Events['react']
  offer(event: StoredEvent): void
  start(): Promise<void>
  /** Hands on everything that is visible now; takes the lease if need be. */
  flush(): Promise<void>
  stop(): Promise<void>
}

export interface RelayOptions {
  database: Database
  clock: Clock
  jobs: Jobs
  log: Log
}

type Reaction = (event: StoredEvent) => NewJob | null

const RENEW_MS = 2000
const PURGE_AFTER_MS = 7 * 24 * 3_600_000

export function createRelay({ database, clock, jobs, log }: RelayOptions): Relay {
  const reactions = new Map<EventKind, Reaction[]>()
  const lease = createLease(database, 'relay')
  let reader: Reader | undefined
  let timer: NodeJS.Timeout | undefined
  let ticking: Promise<void> | undefined
  let stopped = false

  const jobOf = (reaction: Reaction, event: StoredEvent): NewJob | null => {
    try {
      return reaction(event)
    } catch (error) {
      log.error({ err: error, event: event.kind, eventId: event.id }, 'A reaction to an event failed')
      return null
    }
  }

  const deliver = async (events: readonly StoredEvent[]) => {
    const wanted = events.flatMap((event) =>
      (reactions.get(event.kind) ?? []).map((reaction) => jobOf(reaction, event)),
    )
    await jobs.enqueueMany(wanted.filter((job) => job !== null))
  }

  const open = (): Reader =>
    createReader({
      database,
      clock,
      log,
      name: 'relay',
      deliver,
      position: async () => lease.position() ?? MIN_ID,
      reached: async (position) => lease.reach(position),
    })

  /** The lease is taken or renewed, and the reader is there exactly as long as it is held. */
  const hold = async (): Promise<Reader | undefined> => {
    const held = await lease.hold()
    if (held && !reader) {
      reader = open()
      // What piled up while nobody relayed is caught up meanwhile.
      void reader.start()
    } else if (!held && reader) {
      const lost = reader
      reader = undefined
      await lost.stop()
    }
    return reader
  }

  const tick = async () => {
    await hold().catch((error) => log.debug({ err: error }, 'The relay could not take its lease'))
  }

  const schedule = () => {
    timer = setTimeout(() => {
      ticking = tick().then(() => {
        if (!stopped) schedule()
      })
    }, RENEW_MS)
    timer.unref()
  }

  jobs.every('events.purge', '17 * * * *', async () => {
    await purgeEvents(database, clock.now() - PURGE_AFTER_MS)
  })

  return {
    react(kind, task, payload, options = {}) {
      const list = reactions.get(kind) ?? []
      list.push((event) => toJob(task, payload(event as never), event as never, options))
      reactions.set(kind, list)
    },
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

function toJob<K extends EventKind>(
  name: string,
  payload: NewJob['payload'] | null,
  event: StoredEvent<K>,
  { key, runAt, priority }: ReactionOptions<K>,
): NewJob | null {
  if (payload === null) return null
  return {
    name,
    payload,
    options: { key: key?.(event) ?? `${name}:${event.id}`, runAt: runAt?.(event), priority },
  }
}
