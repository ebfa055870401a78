import type { Edges, Media } from '#modules/media'
import type { Stores } from '#platform/blobs/stores.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { partitionsReadyUntil } from '#platform/db/partitions.ts'
import type { Health } from '#platform/http/health.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Processes } from '#platform/processes/processes.ts'

interface Parts {
  database: Database
  clock: Clock
  jobs: Jobs
  processes: Processes
  stores: Stores
  edges: Edges
  /** Null without a second region. */
  copies: Media['api']['storage']['copies']
}

/** What /readyz tells beyond what modules and Redis register themselves. */
export function registerHealth(health: Health, parts: Parts): void {
  const { database, clock, jobs, processes, stores, edges, copies } = parts
  health.register(
    'database',
    async () => void (await database.main.selectNoFrom((q) => q.lit(1).as('one')).execute()),
  )
  health.register('processes', async () => {
    const roles = (await processes.list()).map((one) => one.roles)
    return Object.fromEntries(roles.map((role) => [role, roles.filter((other) => other === role).length]))
  })
  health.register('partitions', async () => ({
    until: (await partitionsReadyUntil(database.main, clock)).toISOString(),
  }))
  if (copies !== null)
    health.register('replica', async () => {
      const isThere = await stores
        .replicaOf('media')!
        .check()
        .then(
          () => true,
          () => false,
        )
      // Its absence keeps nobody from anything.
      return { isThere, ...(await copies.lag()) }
    })
  for (const name of stores.names)
    health.register(`blobs.${name}`, async () => {
      await stores[name].check()
      return { room: await stores[name].hasRoom(0) }
    })
  if (edges.lags().length > 0)
    health.register('edges', async () =>
      Object.fromEntries(edges.lags().map(([name, seconds]) => [name, Math.round(seconds * 10) / 10])),
    )
  health.register('jobs', async () => {
    const lanes = await jobs.depth()
    return { oldestDueSeconds: Math.round(Math.max(0, ...lanes.map(({ oldestAge }) => oldestAge))) }
  })
}
