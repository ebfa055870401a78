import type { RedisConfig } from '#config/config.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Redis } from './redis.ts'

/** Its client is read only where there is a Redis: most servers are one process, and need none. */
export async function openRedis(config: RedisConfig, log: Log): Promise<Redis> {
  const { createRedis } = await import('./redis.ts')
  return createRedis(config, log)
}
