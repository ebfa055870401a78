import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { isFault } from '#platform/http/fault.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Follows } from './follow-service.ts'
import type { GraphApi } from './graph-types.ts'
import { listRows, pairs } from './pair-rows.ts'

interface Deps {
  database: Database
  events: Events
  jobs: Jobs
  log: Log
  follows: Follows
  api: Pick<GraphApi, 'reconcile' | 'recount'>
}

const batch = 100

export function defineGraphJobs({ database, events, jobs, log, follows, api }: Deps): void {
  jobs.define<{ accountId: string }>('graph.accept_requests', {
    lane: 'default',
    maxAttempts: 8,
    run: ({ accountId }, { signal }) => acceptRequests({ database, follows }, accountId, signal),
  })
  events.react('accounts.privacy_changed', 'graph.accept_requests', ({ subjectId, data }) =>
    data.isPrivate ? null : { accountId: subjectId },
  )

  jobs.every('graph.reconcile', '41 3 * * *', async () => {
    const pairs = await api.reconcile()
    const counts = await api.recount()
    log.info({ pairs, counts }, 'both sides of all relations have been compared')
  })
}

/** Whoever asked a private account follows it once it is public. */
async function acceptRequests(
  { database, follows }: Pick<Deps, 'database' | 'follows'>,
  accountId: string,
  signal: AbortSignal,
): Promise<void> {
  let before: string | null = null
  while (!signal.aborted) {
    const requests = await listRows(database.main, pairs.requests.mirror, accountId, { before, limit: batch })
    for (const { userId } of requests) {
      try {
        await follows.acceptIfPublic({ from: userId, to: accountId })
      } catch (error) {
        // Whoever follows as many as is possible keeps asking.
        if (!isFault(error, 'follow.too_many')) throw error
      }
    }
    const last = requests.at(-1)
    if (!last || requests.length < batch) return
    before = last.id
  }
  throw new Error('The server stops; the rest is done after the start')
}
