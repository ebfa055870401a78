import type { Health } from '#platform/http/health.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { Redis } from './redis.ts'

/** Shown to the operator; its absence keeps nobody from anything, so it makes nothing unready. */
export function watchRedis(deps: { redis: Redis; bus: Bus; health: Health; metrics: Metrics }): void {
  const { redis, bus, health, metrics } = deps
  health.register('redis', async () => ({ isThere: redis.isUp, hearsOthers: bus.isUp }))
  metrics.watchEach(
    'heliograph_redis_up',
    'Whether Redis can be used: for the shared cache and limits, and for words between processes.',
    'use',
    () => [
      ['cache', Number(redis.isUp)],
      ['bus', Number(bus.isUp)],
    ],
  )
}
