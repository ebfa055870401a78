import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { StoryRow } from '../stories-repository.ts'

interface SeenRow {
  viewer_id: Id
  story_id: Id
  author_id: Id
}

const seenByViewers = prepared<{ buckets: number[]; ids: Id[]; now: Date }, SeenRow>(
  'stories_seen_by',
  (db, p) => ({
    compile: () =>
      sql<SeenRow>`
      select s.viewer_id, s.story_id, s.author_id
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join story_seen s on s.bucket = wanted.bucket and s.viewer_id = wanted.id
      where s.expires_at > ${p.now}
    `.compile(db),
  }),
)

/** Of those that are out. */
export async function findSeen(db: Db, viewerIds: readonly Id[], now: Date): Promise<Map<Id, SeenRow[]>> {
  const rows = await seenByViewers(db, { buckets: viewerIds.map(bucketOf), ids: [...viewerIds], now })
  return Map.groupBy(rows, (row) => row.viewer_id)
}

/** Those of them that somebody has seen, by whom they are; a day after their end it is forgotten. */
export async function findSeenAmong(db: Db, viewerId: Id, storyIds: readonly Id[]): Promise<Map<Id, Id>> {
  if (storyIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('story_seen')
    .select(['story_id', 'author_id'])
    .where('bucket', '=', bucketOf(viewerId))
    .where('viewer_id', '=', viewerId)
    .where('story_id', 'in', [...storyIds])
    .execute()
  return new Map(rows.map((row) => [row.story_id, row.author_id]))
}

/** The viewer's own, by Story. */
export async function findReactions(db: Db, viewerId: Id, storyIds: readonly Id[]): Promise<Map<Id, string>> {
  const { rows } = await sql<{ story_id: Id; reaction: string }>`
    select v.story_id, v.reaction
    from unnest(${storyIds.map(bucketOf)}::smallint[], ${[...storyIds]}::bigint[]) as wanted(bucket, id)
    join story_views v on v.bucket = wanted.bucket and v.story_id = wanted.id
    where v.viewer_id = ${viewerId} and v.reaction is not null
  `.execute(db)
  return new Map(rows.map((row) => [row.story_id, row.reaction]))
}

/** Of these people to these Stories, by Story. */
export async function findReactionsOf(
  db: Db,
  pairs: readonly { storyId: Id; userId: Id }[],
): Promise<Map<Id, string>> {
  if (pairs.length === 0) return new Map()
  const ids = pairs.map(({ storyId }) => storyId)
  const { rows } = await sql<{ story_id: Id; reaction: string }>`
    select v.story_id, v.reaction
    from unnest(${ids.map(bucketOf)}::smallint[], ${ids}::bigint[], ${pairs.map(({ userId }) => userId)}::bigint[])
      as wanted(bucket, story_id, viewer_id)
    join story_views v
      on v.bucket = wanted.bucket and v.story_id = wanted.story_id and v.viewer_id = wanted.viewer_id
    where v.reaction is not null
  `.execute(db)
  return new Map(rows.map((row) => [row.story_id, row.reaction]))
}

export interface ViewCounts {
  views: number
  reactions: number
}

/** Of one author's Stories. A handful of rows each, however many have seen it. */
export async function readCounts(
  db: Db,
  stories: readonly Pick<StoryRow, 'id' | 'final_views' | 'final_reactions'>[],
): Promise<Map<Id, ViewCounts>> {
  const counts = new Map<Id, ViewCounts>()
  for (const { id, final_views, final_reactions } of stories)
    if (final_views !== null) counts.set(id, { views: final_views, reactions: final_reactions ?? 0 })
  const ids = stories.flatMap(({ id, final_views }) => (final_views === null ? [id] : []))
  if (ids.length === 0) return counts
  const { rows } = await sql<{ story_id: Id; views: number; reactions: number }>`
    select story_id, sum(views)::integer as views, sum(reactions)::integer as reactions
    from story_view_counts
    where bucket = ${bucketOf(ids[0]!)} and story_id = any(${ids}::bigint[])
    group by story_id
  `.execute(db)
  for (const { story_id, views, reactions } of rows) counts.set(story_id, { views, reactions })
  return counts
}

export async function readViewCount(db: Db, storyId: Id): Promise<number> {
  const counts = await readCounts(db, [{ id: storyId, final_views: null, final_reactions: null }])
  return counts.get(storyId)?.views ?? 0
}

export interface ViewRow {
  viewer_id: Id
  id: Id
  seen_at: Date
  reaction: string | null
}

/** Last first. */
export async function listViews(
  db: Db,
  storyId: Id,
  { before, limit }: { before: Id | null; limit: number },
): Promise<ViewRow[]> {
  return await db
    .selectFrom('story_views')
    .select(['viewer_id', 'id', 'seen_at', 'reaction'])
    .where('bucket', '=', bucketOf(storyId))
    .where('story_id', '=', storyId)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** The reaction before; undefined: nothing was changed, or it was never seen. */
export async function saveReaction(
  tx: Tx,
  { storyId, viewerId }: { storyId: Id; viewerId: Id },
  emoji: string | null,
  now: Date,
): Promise<{ before: string | null } | undefined> {
  const bucket = bucketOf(storyId)
  const { rows } = await sql<{ reaction: string | null }>`
    select reaction from story_views
    where bucket = ${bucket} and story_id = ${storyId} and viewer_id = ${viewerId} for update
  `.execute(tx)
  const [row] = rows
  if (!row || row.reaction === emoji) return undefined
  await sql`
    update story_views set reaction = ${emoji}, reacted_at = ${emoji === null ? null : now}
    where bucket = ${bucket} and story_id = ${storyId} and viewer_id = ${viewerId}
  `.execute(tx)
  return { before: row.reaction }
}

/** What a process adds stands in a row of its own: no two of them wait for each other. */
export const addToCounts = prepared<
  { bucket: number; slot: number; storyIds: Id[]; views: number[]; reactions: number[] },
  { story_id: Id }
>('stories_count', (db, p) => ({
  compile: () =>
    sql<{ story_id: Id }>`
      insert into story_view_counts as c (bucket, story_id, slot, views, reactions)
      select ${p.bucket}::smallint, w.story_id, ${p.slot}::smallint, w.views, w.reactions
      from unnest(${p.storyIds}::bigint[], ${p.views}::integer[], ${p.reactions}::integer[])
        as w(story_id, views, reactions)
      order by w.story_id
      on conflict (bucket, story_id, slot)
      do update set views = c.views + excluded.views, reactions = c.reactions + excluded.reactions
    `.compile(db),
}))
