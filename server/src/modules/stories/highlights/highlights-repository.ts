import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { HighlightsTable } from '../stories-tables.ts'

export type HighlightRow = Selectable<HighlightsTable>

/** With the Stories in their order. */
export interface HighlightWithStories extends HighlightRow {
  storyIds: Id[]
}

async function withStories(db: Db | Tx, rows: readonly HighlightRow[]): Promise<HighlightWithStories[]> {
  const [first] = rows
  if (!first) return []
  const held = await db
    .selectFrom('highlight_stories')
    .select(['highlight_id', 'story_id'])
    .where('bucket', '=', first.bucket)
    .where(
      'highlight_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('position')
    .execute()
  const byHighlight = Map.groupBy(held, (row) => row.highlight_id)
  return rows.map((row) => ({
    ...row,
    storyIds: (byHighlight.get(row.id) ?? []).map(({ story_id }) => story_id),
  }))
}

export async function findHighlight(db: Db | Tx, id: Id): Promise<HighlightWithStories | undefined> {
  const rows = await db
    .selectFrom('highlights')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
  return (await withStories(db, rows))[0]
}

/** Newest first; a person has a hundred at most. */
export async function listHighlights(db: Db, ownerId: Id): Promise<HighlightWithStories[]> {
  const rows = await db
    .selectFrom('highlights')
    .selectAll()
    .where('bucket', '=', bucketOf(ownerId))
    .where('owner_id', '=', ownerId)
    .orderBy('id', 'desc')
    .execute()
  return await withStories(db, rows)
}

export async function countHighlights(tx: Tx, ownerId: Id): Promise<number> {
  const { count } = await tx
    .selectFrom('highlights')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('bucket', '=', bucketOf(ownerId))
    .where('owner_id', '=', ownerId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** All that it held before and holds no more. */
export async function saveStories(tx: Tx, highlightId: Id, storyIds: readonly Id[]): Promise<Id[]> {
  const bucket = bucketOf(highlightId)
  const before = await tx
    .deleteFrom('highlight_stories')
    .where('bucket', '=', bucket)
    .where('highlight_id', '=', highlightId)
    .returning('story_id')
    .execute()
  if (storyIds.length > 0)
    await tx
      .insertInto('highlight_stories')
      .values(
        storyIds.map((story_id, position) => ({ bucket, highlight_id: highlightId, story_id, position })),
      )
      .execute()
  const now = new Set(storyIds)
  return before.map(({ story_id }) => story_id).filter((id) => !now.has(id))
}

/** Nothing but the highlight kept them: their end is seen to once more. True: others saw one of them by it alone. */
export async function letGo(
  tx: Tx,
  { bucket, storyIds, now }: { bucket: number; storyIds: readonly Id[]; now: Date },
): Promise<boolean> {
  if (storyIds.length === 0) return false
  await tx
    .updateTable('stories')
    .set({ ended_at: null })
    .where('bucket', '=', bucket)
    .where('id', 'in', [...storyIds])
    .where('archived', '=', false)
    .where('ended_at', 'is not', null)
    .execute()
  const over = await tx
    .selectFrom('stories')
    .select('id')
    .where('bucket', '=', bucket)
    .where('id', 'in', [...storyIds])
    .where('expires_at', '<=', now)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('highlight_stories as held')
            .select('held.highlight_id')
            .where('held.bucket', '=', bucket)
            .whereRef('held.story_id', '=', 'stories.id'),
        ),
      ),
    )
    .limit(1)
    .executeTakeFirst()
  return over !== undefined
}

/** Of a Story that is deleted or removed. A highlight that held nothing else goes with it; another Story becomes the cover. */
export async function forgetInHighlights(tx: Tx, storyId: Id): Promise<void> {
  const bucket = bucketOf(storyId)
  const rows = await tx
    .deleteFrom('highlight_stories')
    .where('bucket', '=', bucket)
    .where('story_id', '=', storyId)
    .returning('highlight_id')
    .execute()
  for (const { highlight_id: id } of rows) {
    const next = await tx
      .selectFrom('highlight_stories')
      .select('story_id')
      .where('bucket', '=', bucket)
      .where('highlight_id', '=', id)
      .orderBy('position')
      .limit(1)
      .executeTakeFirst()
    if (!next) await tx.deleteFrom('highlights').where('bucket', '=', bucket).where('id', '=', id).execute()
    else
      await sql`
        update highlights set cover_id = ${next.story_id}
        where bucket = ${bucket} and id = ${id} and cover_id = ${storyId}
      `.execute(tx)
  }
}
