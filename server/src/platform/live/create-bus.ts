import type { Redis } from '#platform/redis/redis.ts'
import type { Secrets } from '#platform/secrets/secrets.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { type Bus, createLocalBus } from './bus.ts'

/** Over Redis where there is one. All processes of one installation have its secret, and another's have not. */
export async function createBus(deps: { redis: Redis | null; secrets: Secrets; log: Log }): Promise<Bus> {
  const { redis, secrets, log } = deps
  const onError = (error: unknown) => log.error({ err: error }, 'A word of another process was not handled')
  if (redis === null) return createLocalBus(onError)
  const { createRedisBus } = await import('./redis-bus.ts')
  const house = secrets.key('bus').toString('hex').slice(0, 16)
  return createRedisBus({ redis, prefix: `heliograph:${house}:`, onError })
}
