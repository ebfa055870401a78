import type { Clock } from '#platform/clock/clock.ts'
import { compareIds, type Id, timeOf } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'

/** How somebody's like of a post stands, as far as this process knows better than `likes_given`. */
export interface RememberedLike {
  liked: boolean
  /** Of the change: of two the later one counts. */
  id: Id
  /** Place among the likes of its giver; null when it is none any more. */
  givenId: Id | null
}

/**
 * Likes that were acknowledged here, or heard of from other processes, until `likes_given` has them: it follows by events.
 * Whoever reads that table lays these over what it says.
 */
export interface LikesMemory {
  /** `isOwn`: committed by this process, so it is later than everything that was heard. */
  note(userId: Id, postId: Id, like: RememberedLike, options?: { isOwn?: boolean }): void
  /** By post. A snapshot: take it before the table is read, or what is forgotten meanwhile is missed. */
  of(userId: Id): ReadonlyMap<Id, RememberedLike>
  onNoted(listener: (userId: Id, postId: Id, like: RememberedLike) => void): void
}

/** Two clocks of one installation are not further apart. */
const skewMs = 5000
const forgetEveryMs = 2000
/** Beyond that the oldest are forgotten: their flags are late by as much as the follower is. */
const keptMax = 50_000

const none: ReadonlyMap<Id, RememberedLike> = new Map()

export interface LikesMemoryOptions {
  clock: Clock
  log: Log
  /** Everything that was committed before the time of this id is in `likes_given`. */
  reached: () => Promise<Id>
}

export function createLikesMemory({ clock, log, reached }: LikesMemoryOptions): LikesMemory {
  const people = new Map<Id, Map<Id, RememberedLike>>()
  /** In the order in which they were noted, which is the order in which they go. */
  const noted = new Map<RememberedLike, { userId: Id; postId: Id; at: number }>()
  const listeners: ((userId: Id, postId: Id, like: RememberedLike) => void)[] = []
  let timer: NodeJS.Timeout | undefined

  const forget = (like: RememberedLike) => {
    const place = noted.get(like)
    if (!place) return
    noted.delete(like)
    const posts = people.get(place.userId)
    if (posts?.get(place.postId) === like) posts.delete(place.postId)
    if (posts?.size === 0) people.delete(place.userId)
  }

  async function forgetFollowed(): Promise<void> {
    const until = timeOf(await reached()) - skewMs
    for (const [like, { at }] of noted) {
      if (at >= until) return
      forget(like)
    }
  }

  const schedule = () => {
    if (timer !== undefined) return
    timer = setTimeout(() => {
      forgetFollowed()
        .catch((error) => log.debug({ err: error }, 'How far likes are followed could not be read'))
        .finally(() => {
          timer = undefined
          if (noted.size > 0) schedule()
        })
    }, forgetEveryMs)
    timer.unref()
  }

  return {
    note(userId, postId, like, { isOwn = false } = {}) {
      const posts = people.get(userId) ?? new Map<Id, RememberedLike>()
      const before = posts.get(postId)
      if (before && !isOwn && compareIds(before.id, like.id) >= 0) return
      if (before) forget(before)
      people.set(userId, posts)
      posts.set(postId, like)
      noted.set(like, { userId, postId, at: clock.now() })
      if (noted.size > keptMax) forget(noted.keys().next().value!)
      schedule()
      for (const listener of listeners) listener(userId, postId, like)
    },
    onNoted: (listener) => void listeners.push(listener),
    of: (userId) => {
      const posts = people.get(userId)
      return posts ? new Map(posts) : none
    },
  }
}
