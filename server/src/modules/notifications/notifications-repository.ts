import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { NotificationGroupsTable, NotificationMarksTable } from './notifications-tables.ts'

export type GroupRow = Selectable<NotificationGroupsTable>
export type MarksRow = Omit<Selectable<NotificationMarksTable>, 'bucket' | 'user_id'>

export interface MemberRow {
  kind: GroupRow['kind']
  target_id: Id
  actor_id: Id
  id: Id
}

/** The latest first, those behind a place or later than another one. */
export function listGroups(
  db: Db,
  userId: Id,
  { behind, since, limit }: { behind?: readonly string[] | null; since?: Id; limit: number },
): Promise<GroupRow[]> {
  return db
    .selectFrom('notification_groups')
    .selectAll()
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .$if(since !== undefined, (query) => query.where('latest_id', '>', since!))
    .$if(Boolean(behind), (query) =>
      query.where(sql<boolean>`(latest_id, id) < (${behind![0]}::bigint, ${behind![1]}::bigint)`),
    )
    .orderBy('latest_id', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

interface MembersOf {
  bucket: number
  userId: Id
  kinds: string[]
  targets: Id[]
  limit: number
}

/** The newest few of each group; all in one bucket. */
const membersOfGroups = prepared<MembersOf, MemberRow>('notification_members', (db, p) => ({
  compile: () =>
    sql<MemberRow>`
      select w.kind, w.target_id, m.actor_id, m.id
      from unnest(${p.kinds}::text[], ${p.targets}::bigint[]) as w(kind, target_id)
      cross join lateral (
        select n.actor_id, n.id from notifications n
        where n.bucket = ${p.bucket} and n.user_id = ${p.userId} and n.kind = w.kind and n.target_id = w.target_id
        order by n.id desc
        limit ${p.limit}
      ) m
    `.compile(db),
}))

export async function findMembers(
  db: Db,
  userId: Id,
  groups: readonly GroupRow[],
  limit: number,
): Promise<Map<string, MemberRow[]>> {
  if (groups.length === 0) return new Map()
  const rows = await membersOfGroups(db, {
    bucket: bucketOf(userId),
    userId,
    kinds: groups.map(({ kind }) => kind),
    targets: groups.map(({ target_id }) => target_id),
    limit,
  })
  return Map.groupBy(rows, groupName)
}

export function groupName({ kind, target_id }: Pick<GroupRow, 'kind' | 'target_id'>): string {
  return `${kind} ${target_id}`
}

/** How many of each group were done by these. */
export async function countActors(
  db: Db,
  userId: Id,
  groups: readonly GroupRow[],
  actorIds: readonly Id[],
): Promise<Map<string, number>> {
  if (groups.length === 0 || actorIds.length === 0) return new Map()
  const found = await sql<{ kind: GroupRow['kind']; target_id: Id; count: number }>`
    select n.kind, n.target_id, count(*)::integer as count
    from unnest(${groups.map(({ kind }) => kind)}::text[], ${groups.map(({ target_id }) => target_id)}::bigint[])
      as w(kind, target_id)
    join notifications n on n.bucket = ${bucketOf(userId)} and n.user_id = ${userId} and n.kind = w.kind
      and n.target_id = w.target_id and n.actor_id = any(${actorIds}::bigint[])
    group by n.kind, n.target_id
  `.execute(db)
  return new Map(found.rows.map((row) => [groupName(row), row.count]))
}

const noMarks: MarksRow = { seen_id: '0', pushed_id: '0', alarmed_id: '0', digest_at: null }

export async function findMarks(db: Db | Tx, userId: Id): Promise<MarksRow> {
  const row = await db
    .selectFrom('notification_marks')
    .select(['seen_id', 'pushed_id', 'alarmed_id', 'digest_at'])
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row ?? noMarks
}

/** Only ever forwards. False: it stood there or further already. */
export async function raiseMark(
  tx: Db | Tx,
  userId: Id,
  column: 'seen_id' | 'pushed_id' | 'alarmed_id',
  id: Id,
): Promise<boolean> {
  const raised = await sql`
    insert into notification_marks as m (bucket, user_id, ${sql.ref(column)})
    values (${bucketOf(userId)}, ${userId}, ${id})
    on conflict (bucket, user_id) do update set ${sql.ref(column)} = excluded.${sql.ref(column)}
    where m.${sql.ref(column)} < excluded.${sql.ref(column)}
    returning user_id
  `.execute(tx)
  return raised.rows.length > 0
}

export async function findNewest(tx: Tx, userId: Id): Promise<Id | undefined> {
  const row = await tx
    .selectFrom('notification_groups')
    .select('latest_id')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .orderBy('latest_id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.latest_id
}

/** False: it is not theirs, or not there. */
export async function markRead(tx: Tx, userId: Id, groupId: Id): Promise<boolean> {
  const marked = await tx
    .updateTable('notification_groups')
    .set(({ ref }) => ({ read_id: ref('latest_id') }))
    .where('bucket', '=', bucketOf(groupId))
    .where('id', '=', groupId)
    .where('user_id', '=', userId)
    .returning('id')
    .executeTakeFirst()
  return marked !== undefined
}
