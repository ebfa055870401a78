import type { NotificationKind } from '@heliograph/contract/notifications'
import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import type { Wanted } from './notifications-wanted.ts'

/** Notifications that may have lost what they tell of: by who did it, by what it was done to, or both. */
export type Gone = { userId: Id; kind: NotificationKind } & (
  | { actorId: Id; targetId?: Id }
  | { actorId?: undefined; targetId: Id }
)

export interface Applied {
  added: Set<Id>
  /** Whose list is another one now. */
  changed: Set<Id>
  addedCount: number
  removedCount: number
}

export interface Member {
  user_id: Id
  kind: NotificationKind
  actor_id: Id
  target_id: Id
  id: Id
}

type GroupKey = Pick<Member, 'user_id' | 'kind' | 'target_id'>

/**
 * Puts down what stands and takes away what does not, and counts both in their groups. The same again changes nothing. The
 * caller has the lock of the follower: nobody else counts meanwhile.
 */
export async function applyNotifications(
  { ids }: { ids: Pick<IdSource, 'next'> },
  tx: Tx,
  standing: readonly Wanted[],
  gone: readonly Gone[],
): Promise<Applied> {
  const removed = await removeGone(tx, standing, gone)
  const inserted = await insertMembers(tx, standing)
  await countInto(ids, tx, inserted, standing)
  await countOut(tx, removed)
  return {
    added: new Set(inserted.map((row) => row.user_id)),
    changed: new Set([...inserted, ...removed].map((row) => row.user_id)),
    addedCount: inserted.length,
    removedCount: removed.length,
  }
}

const nameOf = (row: Pick<Member, 'user_id' | 'kind' | 'actor_id' | 'target_id'>) =>
  `${row.user_id} ${row.kind} ${row.actor_id} ${row.target_id}`
const groupOf = ({ user_id, kind, target_id }: GroupKey) => `${user_id} ${kind} ${target_id}`

async function removeGone(tx: Tx, standing: readonly Wanted[], gone: readonly Gone[]): Promise<Member[]> {
  if (gone.length === 0) return []
  const at = {
    buckets: gone.map(({ userId }) => bucketOf(userId)),
    users: gone.map(({ userId }) => userId),
    kinds: gone.map(({ kind }) => kind),
    actors: gone.map(({ actorId }) => actorId ?? null),
    targets: gone.map(({ targetId }) => targetId ?? null),
  }
  const found = await sql<Member>`
    with w as materialized (
      select * from unnest(${at.buckets}::smallint[], ${at.users}::bigint[], ${at.kinds}::text[],
        ${at.actors}::bigint[], ${at.targets}::bigint[]) as w(bucket, user_id, kind, actor_id, target_id)
    )
    select n.user_id, n.kind, n.actor_id, n.target_id, n.id
    from w join notifications n on n.bucket = w.bucket and n.user_id = w.user_id and n.kind = w.kind
      and n.actor_id = w.actor_id
    where w.target_id is null or w.target_id = n.target_id
    union
    select n.user_id, n.kind, n.actor_id, n.target_id, n.id
    from w join notifications n on n.bucket = w.bucket and n.user_id = w.user_id and n.kind = w.kind
      and n.target_id = w.target_id
    where w.actor_id is null
  `.execute(tx)
  const stand = new Set(
    standing.map(({ userId, kind, actorId, targetId }) =>
      nameOf({ user_id: userId, kind, actor_id: actorId, target_id: targetId }),
    ),
  )
  return await removeMembers(
    tx,
    found.rows.filter((row) => !stand.has(nameOf(row))),
  )
}

/** With what they count for in their groups; gives back those that were there. */
export async function takeAway(tx: Tx, rows: readonly Omit<Member, 'id'>[]): Promise<Member[]> {
  const removed = await removeMembers(tx, rows)
  await countOut(tx, removed)
  return removed
}

/** Groups of a bucket that are not what their members make; how many were put right. */
export async function recountGroups(tx: Tx, bucket: number): Promise<number> {
  const empty = await sql`
    delete from notification_groups g
    where g.bucket = ${bucket} and not exists (
      select from notifications n
      where n.bucket = g.bucket and n.user_id = g.user_id and n.kind = g.kind and n.target_id = g.target_id
    )
    returning g.id
  `.execute(tx)
  const wrong = await sql`
    update notification_groups g set member_count = t.count, latest_id = t.latest
    from (
      select user_id, kind, target_id, count(*)::integer as count, max(id) as latest from notifications
      where bucket = ${bucket} group by user_id, kind, target_id
    ) t
    where g.bucket = ${bucket} and g.user_id = t.user_id and g.kind = t.kind and g.target_id = t.target_id
      and (g.member_count <> t.count or g.latest_id <> t.latest)
    returning g.id
  `.execute(tx)
  return empty.rows.length + wrong.rows.length
}

async function removeMembers(tx: Tx, rows: readonly Omit<Member, 'id'>[]): Promise<Member[]> {
  if (rows.length === 0) return []
  const removed = await sql<Member>`
    delete from notifications n
    using unnest(${rows.map((row) => bucketOf(row.user_id))}::smallint[], ${rows.map((row) => row.user_id)}::bigint[],
      ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.actor_id)}::bigint[],
      ${rows.map((row) => row.target_id)}::bigint[]) as w(bucket, user_id, kind, actor_id, target_id)
    where n.bucket = w.bucket and n.user_id = w.user_id and n.kind = w.kind and n.actor_id = w.actor_id
      and n.target_id = w.target_id
    returning n.user_id, n.kind, n.actor_id, n.target_id, n.id
  `.execute(tx)
  return removed.rows
}

async function insertMembers(tx: Tx, standing: readonly Wanted[]): Promise<Member[]> {
  if (standing.length === 0) return []
  const inserted = await sql<Member>`
    insert into notifications (bucket, user_id, kind, actor_id, target_id, id)
    select * from unnest(${standing.map(({ userId }) => bucketOf(userId))}::smallint[],
      ${standing.map(({ userId }) => userId)}::bigint[], ${standing.map(({ kind }) => kind)}::text[],
      ${standing.map(({ actorId }) => actorId)}::bigint[], ${standing.map(({ targetId }) => targetId)}::bigint[],
      ${standing.map(({ id }) => id)}::bigint[])
    on conflict (bucket, user_id, kind, actor_id, target_id) do nothing
    returning user_id, kind, actor_id, target_id, id
  `.execute(tx)
  return inserted.rows
}

async function countInto(
  ids: Pick<IdSource, 'next'>,
  tx: Tx,
  inserted: readonly Member[],
  standing: readonly Wanted[],
): Promise<void> {
  if (inserted.length === 0) return
  const about = new Map(
    standing.map((one) => [
      groupOf({ user_id: one.userId, kind: one.kind, target_id: one.targetId }),
      { post_id: one.postId, detail: one.detail },
    ]),
  )
  const groups = [...Map.groupBy(inserted, groupOf)].map(([name, members]) => {
    const { user_id, kind, target_id } = members[0]!
    const latest = members.map(({ id }) => id).reduce((a, b) => (compareIds(a, b) > 0 ? a : b))
    const bucket = bucketOf(user_id)
    return { bucket, user_id, kind, target_id, ...about.get(name)!, latest, count: members.length }
  })
  await sql`
    insert into notification_groups as g
      (bucket, user_id, kind, target_id, id, post_id, detail, latest_id, member_count)
    select * from unnest(${groups.map((g) => g.bucket)}::smallint[], ${groups.map((g) => g.user_id)}::bigint[],
      ${groups.map((g) => g.kind)}::text[], ${groups.map((g) => g.target_id)}::bigint[],
      ${groups.map((g) => ids.next(g.bucket))}::bigint[], ${groups.map((g) => g.post_id)}::bigint[],
      ${groups.map((g) => g.detail)}::text[], ${groups.map((g) => g.latest)}::bigint[],
      ${groups.map((g) => g.count)}::integer[])
    on conflict (bucket, user_id, kind, target_id) do update set
      member_count = g.member_count + excluded.member_count, latest_id = greatest(g.latest_id, excluded.latest_id)
  `.execute(tx)
}

async function countOut(tx: Tx, removed: readonly Member[]): Promise<void> {
  const groups = [...Map.groupBy(removed, groupOf).values()].map((members) => ({
    ...members[0]!,
    count: members.length,
  }))
  if (groups.length === 0) return
  const at = {
    buckets: groups.map((g) => bucketOf(g.user_id)),
    users: groups.map((g) => g.user_id),
    kinds: groups.map((g) => g.kind),
    targets: groups.map((g) => g.target_id),
  }
  await sql`
    update notification_groups g set member_count = g.member_count - w.count, latest_id = coalesce((
      select n.id from notifications n
      where n.bucket = w.bucket and n.user_id = w.user_id and n.kind = w.kind and n.target_id = w.target_id
      order by n.id desc limit 1
    ), 0)
    from unnest(${at.buckets}::smallint[], ${at.users}::bigint[], ${at.kinds}::text[], ${at.targets}::bigint[],
      ${groups.map((g) => g.count)}::integer[]) as w(bucket, user_id, kind, target_id, count)
    where g.bucket = w.bucket and g.user_id = w.user_id and g.kind = w.kind and g.target_id = w.target_id
  `.execute(tx)
  await sql`
    delete from notification_groups g
    using unnest(${at.buckets}::smallint[], ${at.users}::bigint[], ${at.kinds}::text[], ${at.targets}::bigint[])
      as w(bucket, user_id, kind, target_id)
    where g.bucket = w.bucket and g.user_id = w.user_id and g.kind = w.kind and g.target_id = w.target_id
      and g.member_count <= 0
  `.execute(tx)
}
