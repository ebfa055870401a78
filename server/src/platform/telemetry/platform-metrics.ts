import { sql } from 'kysely'
import type { Database } from '#platform/db/db.ts'
import type { Jobs, LaneDepth } from '#platform/jobs/jobs.ts'
import type { Metrics } from './metrics.ts'

/** What the alert rules ask about the database and the queue; read when somebody looks. */
export function watchPlatform(parts: {
  metrics: Metrics
  database: Database
  jobs: Pick<Jobs, 'depth'>
}): void {
  const { metrics, database, jobs } = parts
  metrics.watchEach(
    'heliograph_database_connections',
    'Connections to this database by state, of all processes.',
    'state',
    () => countConnections(database),
  )
  metrics.watch('heliograph_database_connections_max', 'Connections that the database server allows.', () =>
    readMaxConnections(database),
  )
  const depth = shareForAMoment(() => jobs.depth())
  const figures: [name: string, help: string, of: (lane: LaneDepth) => number][] = [
    ['heliograph_jobs_waiting', 'Jobs that are due or running.', (lane) => lane.waiting],
    ['heliograph_jobs_scheduled', 'Jobs for later.', (lane) => lane.scheduled],
    ['heliograph_jobs_failed', 'Jobs that were given up.', (lane) => lane.failed],
    ['heliograph_jobs_oldest_seconds', 'How long the oldest due job has waited.', (lane) => lane.oldestAge],
  ]
  for (const [name, help, of] of figures)
    metrics.watchEach(name, help, 'lane', async () =>
      (await depth()).map((lane) => [lane.lane, of(lane)] as const),
    )
}

async function countConnections({ main }: Database): Promise<[string, number][]> {
  const { rows } = await sql<{ state: string; count: string }>`
    select coalesce(state, 'other') as state, count(*) as count
    from pg_stat_activity where datname = current_database() group by 1
  `.execute(main)
  return rows.map(({ state, count }) => [state, Number(count)])
}

async function readMaxConnections({ main }: Database): Promise<number> {
  const { rows } = await sql<{ max: string }>`select current_setting('max_connections') as max`.execute(main)
  return Number(rows[0]?.max)
}

/** Several figures of one look at the queue. */
function shareForAMoment<T>(read: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null
  return () => {
    found ??= read().finally(() => {
      setImmediate(() => {
        found = null
      })
    })
    return found
  }
}
