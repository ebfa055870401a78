import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Redis } from '#platform/redis/redis.ts'
import { asCounter, type CreateCounter, createMemoryCounter } from './rate-limits.ts'

/**
 * Counts over all processes. While Redis is away each counts for itself: a limit is then as many times what it says as
 * there are processes, and still a limit.
 */
export function createSharedCounters(redis: Redis): CreateCounter {
  return (name, figure) => {
    const alone = createMemoryCounter(name, figure)
    const shared = asCounter(
      new RateLimiterRedis({
        storeClient: redis.client,
        keyPrefix: `limit:${name}`,
        points: figure.points,
        duration: figure.seconds,
      }),
    )
    const counted = <T>(work: () => Promise<T>, instead: () => Promise<T>) =>
      redis.ask(work).catch((): Promise<T> => instead())
    return {
      take: (key, points) =>
        counted(
          () => shared.take(key, points),
          () => alone.take(key, points),
        ),
      giveBack: (key) =>
        counted(
          () => shared.giveBack(key),
          () => alone.giveBack(key),
        ),
    }
  }
}
