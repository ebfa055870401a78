import pLimit from 'p-limit'
import type { Cache } from '#platform/cache/cache.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { findPlace, movePlace } from './precompute-place.ts'
import { createSharedFeeds, type SharedFeeds } from './shared-feeds.ts'

export interface Precompute {
  feeds: SharedFeeds
  /**
   * For all who are likely to be here within the hour, or as many of them, another time the next; tells for how many. Somebody
   * whose feed cannot be made is told to the log.
   */
  refresh(options?: { signal?: AbortSignal; peopleMax?: number }): Promise<number>
}

interface Deps {
  cache: Cache
  database: Database
  clock: Clock
  events: Pick<Events, 'on'>
  jobs: Pick<Jobs, 'every'>
  log: Pick<Log, 'warn'>
  /** In batches: all of them, first those behind `after`, and round in the same order each time. */
  likelyToOpen(now: number, after: Id): AsyncIterable<readonly Id[]>
  /** The beginning of somebody's feed, in its order. */
  beginningOf(viewerId: Id, count: number): Promise<readonly Id[]>
}

/** Nobody waits for it: a few at a time beside everything else. */
const atOnce = 2
/** More than these would take longer than they are kept; the others are ranked when they come, and have their turn next time. */
const peopleAtOnceMax = 50_000
/** Whoever is killed costs so many their turn, until it comes round again. */
const peoplePerStep = 20
/** So many one after the other fail only when nothing works any more: the database is away. */
const failuresMax = 20

/** Before people come: what their feeds begin with, made by the worker and found by whichever process they come to. */
export function createPrecompute(deps: Deps): Precompute {
  const { database, clock, events, jobs, log, likelyToOpen, beginningOf } = deps
  const feeds = createSharedFeeds(deps)

  async function refresh({
    signal,
    peopleMax = peopleAtOnceMax,
  }: {
    signal?: AbortSignal
    peopleMax?: number
  } = {}): Promise<number> {
    const limit = pLimit(atOnce)
    let turns = 0
    let made = 0
    /** Since the last that could be made. */
    let failures: unknown[] = []

    async function makeReady(id: Id): Promise<void> {
      if (failures.length >= failuresMax) return
      try {
        await feeds.keep(id, (count) => beginningOf(id, count))
        made++
        failures = []
      } catch (error) {
        failures.push(error)
        log.warn({ err: error, userId: id }, 'The beginning of a feed could not be made ready')
      }
    }

    let place = await findPlace(database.main)
    for await (const people of likelyToOpen(clock.now(), place))
      for (const all of stepsOf(people)) {
        const step = all.slice(0, peopleMax - turns)
        const last = step.at(-1)
        if (last === undefined || signal?.aborted) return made
        // Noted first, so that whoever brings a round down does not bring down the next as well.
        const isFurther = await movePlace(database.main, { from: place, to: last })
        // Another worker has gone on from there: what is left of the round is theirs.
        if (!isFurther) return made
        place = last
        turns += step.length
        await limit.map(step, makeReady)
        if (failures.length >= failuresMax)
          throw new Error(`Of ${failures.length} people one after the other no feed could be made ready`, {
            cause: failures.at(-1),
          })
      }
    return made
  }

  jobs.every(
    'feed.precompute',
    '*/25 * * * *',
    async ({ signal, log }) => log.info({ people: await refresh({ signal }) }, 'Feeds are made ready'),
    { lane: 'bulk', maxAttempts: 1 },
  )

  const forget = (viewerId: Id) => feeds.forgetFeed(viewerId)
  events.on('graph.followed', ({ data }) => forget(data.followerId))
  events.on('graph.unfollowed', ({ data }) => forget(data.followerId), { inBackground: true })
  events.on('graph.unmuted', ({ data }) => forget(data.muterId))
  // It was chosen and put in order by what was known of them.
  events.on('accounts.preferences_changed', ({ subjectId }) => forget(subjectId))
  events.on('signals.changed', async ({ subjectId, data: { alsoOf = [], grown } }) => {
    if (grown === undefined) await Promise.all([subjectId, ...alsoOf].map(forget))
  })
  events.on('accounts.state_changed', ({ subjectId }) => forget(subjectId), { inBackground: true })
  for (const kind of ['posts.updated', 'posts.deleted', 'posts.removed', 'posts.in_review'] as const)
    events.on(kind, ({ data }) => feeds.forgetPost(data.postId), { inBackground: true })

  return { feeds, refresh }
}

function* stepsOf(people: readonly Id[]): Generator<readonly Id[]> {
  for (let at = 0; at < people.length; at += peoplePerStep) yield people.slice(at, at + peoplePerStep)
}
