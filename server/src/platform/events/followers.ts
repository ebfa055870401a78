import pLimit from 'p-limit'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { minIdAt } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import type { EventKind, Events, StoredEvent } from './event-types.ts'
import { lockLease, readPosition } from './lease.ts'
import { FOLLOWER_PREFIX } from './purge.ts'

export interface Followers extends Consumer {
  follow: Events['follow']
}

/** No handler gets more at once: its statements stay small, and little is done again when one fails. */
const BATCH = 500

/**
 * What follows from events costs a set of statements for each batch: while much happens, it happens this often. Who waits for
 * one thing alone does not notice.
 */
const REST_MS = 100

/** Each follower reads for itself: one that fails or is slow holds nobody up but itself. */
export function createFollowers(deps: { database: Database; clock: Clock; log: Log }): Followers {
  const consumers = new Map<string, Consumer>()
  const each = async (work: (consumer: Consumer) => Promise<void>) => {
    await Promise.all(Array.from(consumers.values(), work))
  }
  return {
    follow(name, kinds, handler, { from = 'now' } = {}) {
      if (consumers.has(name)) throw new Error(`There is a follower of events named ${name} already`)
      const wanted = new Set<EventKind>(kinds)
      const alone = pLimit(1)
      // What a sweep finds meanwhile is newer: it waits until all of these are done, not only the batch under way.
      const deliver = async (events: readonly StoredEvent[]) => {
        const mine = events.filter(({ kind }) => wanted.has(kind)) as Parameters<typeof handler>[0][number][]
        if (mine.length === 0) return
        await alone(async () => {
          for (let at = 0; at < mine.length; at += BATCH) await handler(mine.slice(at, at + BATCH))
        })
      }
      const consumer = createConsumer({
        ...deps,
        name: FOLLOWER_PREFIX + name,
        deliver,
        restAfter: (events) => (events.some(({ kind }) => wanted.has(kind)) ? REST_MS : 0),
        ...(from === 'now' && { from: () => minIdAt(deps.clock.now()) }),
      })
      consumers.set(name, consumer)
      return {
        position: () => readPosition(deps.database, FOLLOWER_PREFIX + name),
        lock: (tx) => lockLease(tx, FOLLOWER_PREFIX + name),
      }
    },
    offer(event) {
      for (const consumer of consumers.values()) consumer.offer(event)
    },
    start: () => each((consumer) => consumer.start()),
    flush: () => each((consumer) => consumer.flush()),
    stop: () => each((consumer) => consumer.stop()),
  }
}
