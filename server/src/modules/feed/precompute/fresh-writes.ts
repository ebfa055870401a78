import type { Cache } from '#platform/cache/cache.ts'

export type SetFresh = (key: string, value: unknown, ttlMs: number) => Promise<void>

/** What takes a while to make and goes into a cache: whoever forgets its key meanwhile has the last word. */
export interface FreshWrites {
  /** `make` reads what the values are made from, and sets keys among these. */
  write(keys: readonly string[], make: (set: SetFresh) => Promise<void>): Promise<void>
  forget(key: string): Promise<void>
}

/**
 * Of this process alone: each process hears of every change, so one that made something from what was before forgets it too,
 * at the latest when it hears.
 */
export function createFreshWrites(cache: Pick<Cache, 'set' | 'delete'>): FreshWrites {
  /** Of each write that is under way the keys that nobody has forgotten since it began. */
  const underWay = new Set<Set<string>>()

  return {
    async write(keys, make) {
      const fresh = new Set(keys)
      underWay.add(fresh)
      try {
        await make(async (key, value, ttlMs) => {
          if (!fresh.has(key)) return
          await cache.set(key, value, ttlMs)
          // In the cache deleting may have come before writing.
          if (!fresh.has(key)) await cache.delete(key)
        })
      } finally {
        underWay.delete(fresh)
      }
    },
    async forget(key) {
      for (const fresh of underWay) fresh.delete(key)
      await cache.delete(key)
    },
  }
}
