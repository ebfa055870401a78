import type { AccountsApi } from '#modules/accounts'
import {
  bytesOfTaste,
  createEmptyTaste,
  createSeenPosts,
  type HiddenPosts,
  type SeenPost,
  type SeenPosts,
  type Taste,
  type Tastes,
  tasteFrom,
} from '#modules/ranking'
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
  /** What all of it may take together in the memory of this process. */
  memoryBytes: number
}

/** A busy viewer has some 35 KB of tastes and 20 KB of seen posts, at most 230 and 90; few hide anything. */
const shares = { tastes: 1 / 2, seen: 3 / 8, hidden: 1 / 8 }
/** Of a key, and its place among others. */
const entryBytes = 300
/** Of these posts a feed knows that they were seen; older ones do not come again. */
const seenMax = 1500
const seenMs = 14 * 24 * 60 * 60 * 1000

/** What somebody looks at changes their taste little and often: so long it may be missing. */
const lagMs = 60_000

interface KeptTaste {
  taste: Taste
  /** From then on it is made anew for whoever puts a feed in order. */
  until: number
}

export interface ViewerTastes extends Tastes {
  /**
   * To be called while the person's row in `signal_people` is locked, as erasing locks it too; what it gives, once what was
   * looked at is committed. The event of this id then tells this process nothing more.
   */
  expectLooks(viewerId: Id, eventId: Id): (looks: readonly SeenPost[]) => void
}

/** What is known of viewers, in memory: made from their sums, and dropped when an event says that it no longer holds. */
export function createTastes(deps: Deps): ViewerTastes {
  const { database, clock, events, coherence, accounts, memoryBytes } = deps
  const tastes = coherence.createKept<Id, KeptTaste>({
    name: 'tastes',
    max: memoryBytes * shares.tastes,
    weigh: ({ taste }) => entryBytes + bytesOfTaste(taste),
    async load(ids) {
      const [preferences, sums] = await Promise.all([
        accounts.preferencesOf(ids),
        loadSums(database.main, ids),
      ])
      const now = clock.now()
      return new Map(
        [...preferences].map(([id, { timeZone, personalisation }]) => {
          const taste = personalisation
            ? tasteFrom(sums.get(id)!, timeZone, now)
            : createEmptyTaste(timeZone, now, false)
          return [id, { taste, until: Number.POSITIVE_INFINITY }]
        }),
      )
    },
  })

  /** For itself: what is looked at and done never drops it. */
  const hidden = coherence.createKept<Id, HiddenKept>({
    name: 'hidden_posts',
    max: memoryBytes * shares.hidden,
    weigh: ({ bytes }) => entryBytes + bytes,
    load: async (ids) =>
      new Map(
        await Promise.all(
          ids.map(async (id): Promise<[Id, HiddenKept]> => {
            const postIds = await listHidden(database.main, id)
            return [id, postIds.length === 0 ? nothingHidden : hiddenKept(postIds)]
          }),
        ),
      ),
  })

  const seen = coherence.createKept<Id, SeenPosts>({
    name: 'seen_posts',
    max: memoryBytes * shares.seen,
    weigh: ({ bytes }) => entryBytes + bytes,
    async load(ids) {
      const after = minIdAt(clock.now() - seenMs)
      return new Map(
        await Promise.all(
          ids.map(async (id): Promise<[Id, SeenPosts]> => {
            const [posts, kept] = await Promise.all([
              listSeen(database.main, id, after, seenMax),
              hidden.get(id),
            ])
            return [id, createSeenPosts(posts, kept?.postIds ?? [])]
          }),
        ),
      )
    },
  })

  const drop = (id: Id) => {
    tastes.drop(id)
    hidden.drop(id)
    seen.drop(id)
  }
  const outdate = (id: Id, until: (kept: KeptTaste) => number) => {
    const kept = tastes.peek(id)
    if (kept) kept.until = Math.min(kept.until, until(kept))
    // One that is being made just now may lack it.
    else tastes.drop(id)
  }
  const isUsable = ({ until }: KeptTaste) => until === Number.POSITIVE_INFINITY || clock.now() < until

  /** Events of this process whose looks were noted, until they come. */
  const noted = new Set<Id>()
  events.on('signals.changed', ({ id: eventId, subjectId, data: { alsoOf = [], grown } }) => {
    const isNoted = noted.delete(eventId)
    for (const id of [subjectId, ...alsoOf])
      if (grown === undefined) drop(id)
      else if (grown === 'acts') outdate(id, () => 0)
      else {
        outdate(id, ({ taste }) => taste.asOf + lagMs)
        if (!isNoted) seen.drop(id)
      }
  })
  events.on('accounts.preferences_changed', ({ subjectId }) => drop(subjectId))

  return {
    async tasteOf(id) {
      const kept = tastes.peek(id)
      if (kept && !isUsable(kept)) tastes.drop(id)
      return (await tastes.get(id))?.taste ?? createEmptyTaste('UTC', clock.now(), false)
    },
    peekTaste(id) {
      const kept = tastes.peek(id)
      return kept && isUsable(kept) ? kept.taste : undefined
    },
    peekEarlierTaste: (id) => tastes.peek(id)?.taste,
    seenOf: async (id) => (await seen.get(id)) ?? createSeenPosts([], []),
    peekSeen: seen.peek,
    hiddenOf: async (id) => (await hidden.get(id)) ?? nothingHidden,
    peekHidden: hidden.peek,
    expectLooks(viewerId, eventId) {
      const before = seen.peek(viewerId)
      return (looks) => {
        noted.add(eventId)
        // Dropped or read anew meanwhile: by whom and after what, nobody knows.
        if (before === undefined || seen.peek(viewerId) !== before) seen.drop(viewerId)
        else {
          const { bytes } = before
          for (const look of looks) before.note(look)
          // It has more room now than it was weighed with.
          if (before.bytes > bytes) seen.drop(viewerId)
        }
      }
    },
  }
}

interface HiddenKept extends HiddenPosts {
  readonly postIds: readonly Id[]
  readonly bytes: number
}

function hiddenKept(postIds: readonly Id[]): HiddenKept {
  const { hides, bytes } = createSeenPosts([], postIds)
  return { postIds, hides, bytes: bytes + postIds.length * idBytes }
}

/** A text of 19 digits in an array. */
const idBytes = 48

/** One for all. */
const nothingHidden: HiddenKept = { postIds: [], hides: () => false, bytes: 0 }
