import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Jobs, NewJob } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import type { EventKind, Events, ReactionOptions, StoredEvent } from './event-types.ts'
import { purgeEvents } from './purge.ts'

/** Hands events to the queue. Two at once would only enqueue some jobs twice, under one key. */
export interface Relay extends Consumer {
  react: Events['react']
}

export interface RelayOptions {
  database: Database
  clock: Clock
  jobs: Jobs
  log: Log
}

type Reaction = (event: StoredEvent) => NewJob | null

const PURGE_AFTER_MS = 7 * 24 * 3_600_000

export function createRelay({ database, clock, jobs, log }: RelayOptions): Relay {
  const reactions = new Map<EventKind, Reaction[]>()

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

  jobs.every('events.purge', '17 * * * *', async () => {
    await purgeEvents(database, clock.now() - PURGE_AFTER_MS)
  })

  return {
    ...createConsumer({ database, clock, log, name: 'relay', deliver }),
    react(kind, task, payload, options = {}) {
      const list = reactions.get(kind) ?? []
      list.push((event) => toJob(task, payload(event as never), event as never, options))
      reactions.set(kind, list)
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
