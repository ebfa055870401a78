import { LRUCache } from 'lru-cache'
import type { Id } from '#platform/ids/ids.ts'

/**
 * How often somebody is pushed to: what many like, or say something about, in the same minute would otherwise wake a phone
 * several times a second, and use up what its push service takes.
 */
export interface PushPace {
  /** Milliseconds at which there is room again; null: now. */
  waitsUntil(userId: Id, now: number): number | null
  note(userId: Id, now: number): void
}

const pushesMax = 6
const withinMs = 60_000
/** Of whom it is forgotten the next one comes sooner. */
const peopleMax = 10_000

/** In this process: with several there is room for as many each. */
export function createPushPace(): PushPace {
  /** When, the oldest first. */
  const pushes = new LRUCache<Id, readonly number[]>({ max: peopleMax })
  return {
    waitsUntil(userId, now) {
      const [oldest, ...others] = pushes.get(userId) ?? []
      if (oldest === undefined || others.length < pushesMax - 1) return null
      const until = oldest + withinMs
      // A clock that was set back keeps nobody waiting.
      return until > now && oldest <= now ? until : null
    },
    note(userId, now) {
      pushes.set(userId, [...(pushes.get(userId) ?? []), now].slice(-pushesMax))
    },
  }
}
