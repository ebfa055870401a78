import { LRUCache } from 'lru-cache'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type Cache, checkEntry } from './cache.ts'

/** Outdated keys that are kept for a Redis that is away; of more than these the time to live takes care. */
const maxOwed = 10_000

/**
 * Shared by all processes. Keys stand in Redis as they are given and values as JSON, so that an operator can read them
 * with redis-cli. While Redis is away the cache is empty, and what would be written is dropped.
 */
export function createRedisCache({
  redis,
  metrics,
  log,
}: {
  redis: Redis
  metrics?: Pick<Metrics, 'cacheReads'>
  log: Log
}): Cache {
  /** What should have been deleted or replaced, and could not: made up for before anything is read again. */
  const owed = new LRUCache<string, true>({ max: maxOwed })
  let paying: Promise<void> | undefined

  async function pay(): Promise<void> {
    while (owed.size > 0) {
      const keys = [...owed.keys()]
      await redis.ask((client) => Promise.all(keys.map((key) => client.del(key))))
      for (const key of keys) owed.delete(key)
    }
  }

  async function settled(): Promise<void> {
    if (owed.size === 0 || !redis.isUp) return
    paying ??= pay().finally(() => {
      paying = undefined
    })
    await paying
  }

  return {
    async get<T>(key: string) {
      try {
        await settled()
        const text = await redis.ask((client) => client.get(key))
        metrics?.cacheReads.inc({ outcome: text === null ? 'miss' : 'hit' })
        return text === null ? undefined : (JSON.parse(text) as T)
      } catch (error) {
        metrics?.cacheReads.inc({ outcome: 'away' })
        log.debug({ err: error, key }, 'The cache could not be read')
        return undefined
      }
    },
    async set(key, value, ttlMs) {
      checkEntry(value, ttlMs)
      const text = JSON.stringify(value)
      try {
        await settled()
        await redis.ask((client) => client.set(key, text, 'PX', Math.ceil(ttlMs)))
      } catch (error) {
        owed.set(key, true)
        log.debug({ err: error, key }, 'The cache could not be written')
      }
    },
    async delete(key) {
      try {
        await redis.ask((client) => client.del(key))
      } catch (error) {
        owed.set(key, true)
        log.debug({ err: error, key }, 'The cache could not be written')
      }
    },
  }
}
