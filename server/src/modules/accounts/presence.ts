import { sql } from 'kysely'
import type { Db } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Presence } from './accounts-types.ts'

interface PresenceRow {
  id: Id
  show_activity: boolean
  show_read_marks: boolean
  last_used_at: Date | null
}

/** When a session was used is noted every few minutes: that is as finely as anybody needs to know it of others. */
const presenceByIds = prepared<{ buckets: number[]; ids: Id[] }, PresenceRow>('presence_of', (db, p) => ({
  compile: () =>
    sql<PresenceRow>`
      select u.id, u.show_activity, u.show_read_marks, max(s.last_used_at) as last_used_at
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join users u on u.bucket = wanted.bucket and u.id = wanted.id
      left join sessions s on s.bucket = u.bucket and s.user_id = u.id
      group by u.id, u.show_activity, u.show_read_marks
    `.compile(db),
}))

export async function findPresence(db: Db, ids: readonly Id[]): Promise<Map<Id, Presence>> {
  if (ids.length === 0) return new Map()
  const rows = await presenceByIds(db, { buckets: ids.map(bucketOf), ids: [...ids] })
  return new Map(
    rows.map((row) => [
      row.id,
      {
        showsActivity: row.show_activity,
        showsReadMarks: row.show_read_marks,
        lastActiveAt: row.last_used_at,
      },
    ]),
  )
}
