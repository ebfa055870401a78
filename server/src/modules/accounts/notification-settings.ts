import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { AccountsApi } from './accounts-api.ts'
import { findUsers } from './accounts-repository.ts'
import { findChoicesOf } from './preferences-repository.ts'

const batch = 500

/** What other modules ask before they tell somebody something. */
export function createNotificationSettings({
  database: { main },
  clock,
}: {
  database: Database
  clock: Clock
}): Pick<AccountsApi, 'notificationSettingsOf' | 'wantingDigest' | 'openSessions'> {
  return {
    async notificationSettingsOf(ids) {
      const [users, choices] = await Promise.all([findUsers(main, ids), findChoicesOf(main, ids)])
      return new Map(
        users.map((user) => {
          const { notifications, quietHours, pushText, digest } = choices.get(user.id)!
          const isActive = user.state === 'active'
          const person = { isActive, timeZone: user.time_zone, language: user.language }
          return [user.id, { ...person, notifications, quietHours, pushText, digest }]
        }),
      )
    },

    async *wantingDigest() {
      for await (const bucket of occupiedBuckets(main, 'preferences'))
        for (let after: Id = '0'; ; ) {
          const found = await sql<{ id: Id; time_zone: string }>`
            select p.user_id as id, u.time_zone from preferences p
            join users u on u.bucket = p.bucket and u.id = p.user_id
            where p.bucket = ${bucket} and p.user_id > ${after} and p.digest <> 'off' and u.state = 'active'
            order by p.user_id
            limit ${batch}
          `.execute(main)
          yield found.rows.map(({ id, time_zone }) => ({ id, timeZone: time_zone }))
          const last = found.rows.at(-1)
          if (!last || found.rows.length < batch) break
          after = last.id
        }
    },

    async openSessions(userId, sessionIds) {
      const found = await main
        .selectFrom('sessions')
        .select('id')
        .where('bucket', '=', bucketOf(userId))
        .where('user_id', '=', userId)
        .where('id', '=', sql<Id>`any(${sessionIds}::bigint[])`)
        .where('expires_at', '>', new Date(clock.now()))
        .execute()
      return new Set(found.map(({ id }) => id))
    },
  }
}
