import { sql } from 'kysely'
import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import type { Events } from '#platform/events/events.ts'
import { bucketOf, type Id, minIdAt } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'

/** Older ones are nobody's news. */
export const keptMs = 90 * 86_400_000
const batch = 1000

interface Deps {
  database: Database
  events: Events
  jobs: Jobs
  clock: Clock
  accounts: Pick<AccountsApi, 'openSessions' | 'whenErased'>
}

export function defineUpkeep({ database, events, jobs, clock, accounts }: Deps): void {
  jobs.every('notifications.forget_old', '31 3 * * *', async ({ log }) => {
    const groups = await forgetOld(database, minIdAt(clock.now() - keptMs))
    const subscriptions = await endSubscriptions({ database, accounts })
    log.info({ groups, subscriptions }, 'Old notifications are gone')
  })

  jobs.define<{ userId: Id }>('notifications.end_pushes', {
    lane: 'default',
    maxAttempts: 8,
    async run({ userId }) {
      const rows = await database.main
        .selectFrom('push_subscriptions')
        .select('session_id')
        .where('bucket', '=', bucketOf(userId))
        .where('user_id', '=', userId)
        .execute()
      await endSubscriptionsOf(
        userId,
        rows.map(({ session_id }) => session_id),
        { database, accounts },
      )
    },
  })
  // However many sessions end, one job does for them: it goes by which are open.
  events.react(
    'accounts.sessions_ended',
    'notifications.end_pushes',
    ({ subjectId }) => ({ userId: subjectId }),
    { key: ({ subjectId }) => `notifications.end_pushes:${subjectId}` },
  )

  accounts.whenErased(async (userId) => {
    for (const table of [
      'notifications',
      'notification_groups',
      'notification_marks',
      'push_subscriptions',
    ] as const)
      await database.main
        .deleteFrom(table)
        .where('bucket', '=', bucketOf(userId))
        .where('user_id', '=', userId)
        .execute()
  })
}

/** Whole groups: one that somebody joined lately keeps all its members. */
async function forgetOld({ main }: Database, before: Id): Promise<number> {
  let total = 0
  for await (const bucket of occupiedBuckets(main, 'notification_groups'))
    for (;;) {
      const removed = await sql`
        with old as materialized (
          select user_id, kind, target_id from notification_groups
          where bucket = ${bucket} and latest_id < ${before}::bigint
          limit ${batch}
        ), members as (
          delete from notifications n using old o
          where n.bucket = ${bucket} and n.user_id = o.user_id and n.kind = o.kind and n.target_id = o.target_id
        )
        delete from notification_groups g using old o
        where g.bucket = ${bucket} and g.user_id = o.user_id and g.kind = o.kind and g.target_id = o.target_id
        returning g.id
      `.execute(main)
      total += removed.rows.length
      if (removed.rows.length < batch) break
    }
  return total
}

/** Of sessions that ran out by themselves. */
async function endSubscriptions({
  database,
  accounts,
}: Pick<Deps, 'database' | 'accounts'>): Promise<number> {
  let ended = 0
  for await (const bucket of occupiedBuckets(database.main, 'push_subscriptions')) {
    const rows = await database.main
      .selectFrom('push_subscriptions')
      .select(['user_id', 'session_id'])
      .where('bucket', '=', bucket)
      .execute()
    for (const [userId, theirs] of Map.groupBy(rows, ({ user_id }) => user_id)) {
      const sessionIds = theirs.map(({ session_id }) => session_id)
      ended += await endSubscriptionsOf(userId, sessionIds, { database, accounts })
    }
  }
  return ended
}

/** Of those sessions that are not open. */
async function endSubscriptionsOf(
  userId: Id,
  sessionIds: readonly Id[],
  { database, accounts }: Pick<Deps, 'database' | 'accounts'>,
): Promise<number> {
  const open = await accounts.openSessions(userId, sessionIds)
  const ended = sessionIds.filter((id) => !open.has(id))
  for (const sessionId of ended)
    await database.main
      .deleteFrom('push_subscriptions')
      .where('bucket', '=', bucketOf(userId))
      .where('user_id', '=', userId)
      .where('session_id', '=', sessionId)
      .execute()
  return ended.length
}
