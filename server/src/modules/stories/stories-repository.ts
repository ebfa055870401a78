import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { StoriesTable } from './stories-tables.ts'

export type StoryRow = Selectable<StoriesTable> & {
  /** A highlight holds it. */
  is_highlighted: boolean
}

/** Locked until the transaction ends, whatever state it is in; undefined: it is gone, or deleted. */
export type LockedStory = Selectable<StoriesTable>

const storiesByIds = prepared<{ buckets: number[]; ids: Id[] }, StoryRow>('stories_by_ids', (db, p) => ({
  compile: () =>
    sql<StoryRow>`
      select s.*, exists (
        select 1 from highlight_stories h where h.bucket = s.bucket and h.story_id = s.id
      ) as is_highlighted
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join stories s on s.bucket = wanted.bucket and s.id = wanted.id
      where s.deleted_at is null
    `.compile(db),
}))

/** From the primary: a replica may not know yet that one is deleted. Expired ones too: the rules leave them out. */
export async function findStories(db: Db | Tx, ids: Iterable<Id>): Promise<Map<Id, StoryRow>> {
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return new Map()
  const rows = await storiesByIds(db, { buckets: wanted.map(bucketOf), ids: wanted })
  return new Map(rows.map((row) => [row.id, row]))
}

/** Of those whose row is still there also the deleted ones. */
export async function findEvenDeleted(db: Db, ids: readonly Id[]): Promise<Selectable<StoriesTable>[]> {
  if (ids.length === 0) return []
  return await db
    .selectFrom('stories')
    .selectAll()
    .where('bucket', 'in', ids.map(bucketOf))
    .where('id', 'in', [...ids])
    .execute()
}

/** A person's that have not expired, oldest first, in any state. */
export async function listOut(db: Db | Tx, authorId: Id, now: Date): Promise<Id[]> {
  const rows = await db
    .selectFrom('stories')
    .select('id')
    .where('bucket', '=', bucketOf(authorId))
    .where('author_id', '=', authorId)
    .where('expires_at', '>', now)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Kept ones and those that will be, newest first. */
export async function listArchived(
  db: Db,
  authorId: Id,
  { before, limit }: { before: Id | null; limit: number },
): Promise<{ id: Id }[]> {
  return await db
    .selectFrom('stories')
    .select('id')
    .where('bucket', '=', bucketOf(authorId))
    .where('author_id', '=', authorId)
    .where('archived', '=', true)
    .where('status', '=', 'ready')
    .where('deleted_at', 'is', null)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export async function lockStory(tx: Tx, storyId: Id): Promise<LockedStory | undefined> {
  return await tx
    .selectFrom('stories')
    .selectAll()
    .where('bucket', '=', bucketOf(storyId))
    .where('id', '=', storyId)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}

export async function updateStory(
  tx: Tx,
  { bucket, id }: Pick<LockedStory, 'bucket' | 'id'>,
  change: Partial<Omit<LockedStory, 'overlays'>>,
): Promise<void> {
  await tx.updateTable('stories').set(change).where('bucket', '=', bucket).where('id', '=', id).execute()
}
