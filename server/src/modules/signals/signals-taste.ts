import type { AccountsApi } from '#modules/accounts'
import {
  createEmptyTaste,
  createSeenPosts,
  type SeenPosts,
  type Taste,
  type Tastes,
  tasteFrom,
} from '#modules/feed'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { type Id, minIdAt } from '#platform/ids/ids.ts'
import { listHidden } from './hidden-posts.ts'
import { listSeen } from './signals-repository.ts'
import { loadSums } from './sums-repository.ts'

interface Deps {
  database: Database
  clock: Clock
  events: Events
  coherence: Pick<Coherence, 'createKept'>
  accounts: Pick<AccountsApi, 'preferencesOf'>
}

const tastesMax = 20_000
/** Of these posts a feed knows that they were seen; older ones do not come again. */
const seenMax = 1500
const seenMs = 14 * 24 * 60 * 60 * 1000

/** What is known of viewers, in memory: made from their sums, dropped when an event says that they are others. */
export function createTastes({ database, clock, events, coherence, accounts }: Deps): Tastes {
  const tastes = coherence.createKept<Id, Taste>({
    name: 'tastes',
    max: tastesMax,
    async load(ids) {
      const [preferences, sums] = await Promise.all([
        accounts.preferencesOf(ids),
        loadSums(database.main, ids),
      ])
      const now = clock.now()
      return new Map(
        [...preferences].map(([id, { timeZone, personalisation }]) => [
          id,
          personalisation ? tasteFrom(sums.get(id)!, timeZone, now) : createEmptyTaste(timeZone, now, false),
        ]),
      )
    },
  })

  const seen = coherence.createKept<Id, SeenPosts>({
    name: 'seen_posts',
    max: tastesMax,
    async load(ids) {
      const after = minIdAt(clock.now() - seenMs)
      return new Map(
        await Promise.all(
          ids.map(async (id): Promise<[Id, SeenPosts]> => {
            const [posts, hidden] = await Promise.all([
              listSeen(database.main, id, after, seenMax),
              listHidden(database.main, id),
            ])
            return [id, createSeenPosts(posts, hidden)]
          }),
        ),
      )
    },
  })

  const drop = (id: Id) => {
    tastes.drop(id)
    seen.drop(id)
  }
  events.on('signals.changed', ({ subjectId, data: { alsoOf = [] } }) => {
    for (const id of [subjectId, ...alsoOf]) drop(id)
  })
  events.on('accounts.preferences_changed', ({ subjectId }) => drop(subjectId))

  return {
    tasteOf: async (id) => (await tastes.get(id)) ?? createEmptyTaste('UTC', clock.now(), false),
    peekTaste: tastes.peek,
    seenOf: async (id) => (await seen.get(id)) ?? createSeenPosts([], []),
    peekSeen: seen.peek,
  }
}
