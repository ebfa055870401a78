import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { CommentRow, PostMediaRow, PostRow } from '../posts-rows.ts'
import { idListOf } from './id-range.ts'

/** Of each post's newest comments this many are read; the two shown are the newest of them that may be seen. */
const commentsLookedAt = 6

/** Deleted ones too: the rules leave them out. */
export async function findPosts(db: Db | Tx, postIds: Iterable<Id>): Promise<Map<Id, PostRow>> {
  const list = idListOf(postIds)
  if (!list) return new Map()
  const found = await sql<PostRow>`
    select p.*, c.like_count, c.comment_count, c.share_count
    from unnest(${list.buckets}::smallint[], ${list.ids}::bigint[]) as wanted(bucket, id)
    join posts p on p.bucket = wanted.bucket and p.id = wanted.id
    join post_counts c on c.bucket = p.bucket and c.post_id = p.id
    where p.id between ${list.lo}::bigint and ${list.hi}::bigint
      and c.post_id between ${list.lo}::bigint and ${list.hi}::bigint
  `.execute(db)
  return new Map(found.rows.map((row) => [row.id, row]))
}

/** In the order in which they are shown. */
export async function findPostMedia(db: Db | Tx, postIds: Iterable<Id>): Promise<Map<Id, PostMediaRow[]>> {
  const list = idListOf(postIds)
  if (!list) return new Map()
  const found = await sql<PostMediaRow>`
    select m.post_id, m.id, m.position, m.alt_text
    from unnest(${list.buckets}::smallint[], ${list.ids}::bigint[]) as wanted(bucket, id)
    join post_media m on m.bucket = wanted.bucket and m.post_id = wanted.id
    where m.post_id between ${list.lo}::bigint and ${list.hi}::bigint
    order by m.post_id, m.position, m.id
  `.execute(db)
  return Map.groupBy(found.rows, (row) => row.post_id)
}

/** Newest first. The inner query stops at the newest few, however many comments there are. */
export async function findNewestComments(db: Db | Tx, postIds: Iterable<Id>): Promise<Map<Id, CommentRow[]>> {
  const list = idListOf(postIds)
  if (!list) return new Map()
  const found = await sql<CommentRow>`
    select newest.*
    from unnest(${list.buckets}::smallint[], ${list.ids}::bigint[]) as wanted(bucket, id)
    join post_counts p on p.bucket = wanted.bucket and p.post_id = wanted.id
    cross join lateral (
      select c.* from comments c
      where c.bucket = p.bucket and c.post_id = p.post_id and c.parent_id is null
        and c.post_id between ${list.lo}::bigint and ${list.hi}::bigint
      order by c.id desc
      limit ${commentsLookedAt}
    ) newest
    where p.post_id between ${list.lo}::bigint and ${list.hi}::bigint and p.comment_count > 0
    order by newest.post_id, newest.id desc
  `.execute(db)
  return Map.groupBy(found.rows, (row) => row.post_id)
}

export interface Marks {
  liked: Set<Id>
  saved: Set<Id>
}

/** Which of the posts the reader likes and saved: all in the reader's own bucket. */
export async function findMarks(db: Db | Tx, readerId: Id, postIds: readonly Id[]): Promise<Marks> {
  const marks: Marks = { liked: new Set(), saved: new Set() }
  if (postIds.length === 0) return marks
  const bucket = bucketOf(readerId)
  const found = await sql<{ kind: keyof Marks; post_id: Id }>`
    select 'liked' as kind, post_id from likes_given
    where bucket = ${bucket} and user_id = ${readerId} and post_id = any(${postIds}::bigint[])
    union all
    select 'saved', post_id from saves
    where bucket = ${bucket} and user_id = ${readerId} and post_id = any(${postIds}::bigint[])
  `.execute(db)
  for (const { kind, post_id } of found.rows) marks[kind].add(post_id)
  return marks
}
