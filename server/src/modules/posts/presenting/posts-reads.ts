import { type Compilable, type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { LikesMemory } from '../likes/likes-memory.ts'
import type { CommentRow, PostMediaRow, PostRow } from '../posts-rows.ts'
import { type IdList, idListOf } from './id-range.ts'

/** Of each post's newest comments this many are read; the two shown are the newest of them that may be seen. */
const commentsLookedAt = 6

/** Deleted ones too: the rules leave them out. */
export async function findPosts(db: Db | Tx, postIds: Iterable<Id>): Promise<Map<Id, PostRow>> {
  const list = idListOf(postIds)
  const rows = list ? await postsByIds(db, list) : []
  return new Map(rows.map((row) => [row.id, row]))
}

/** In the order in which they are shown. */
export async function findPostMedia(db: Db | Tx, postIds: Iterable<Id>): Promise<Map<Id, PostMediaRow[]>> {
  const list = idListOf(postIds)
  const rows = list ? await mediaOfPosts(db, list) : []
  return Map.groupBy(rows, (row) => row.post_id)
}

/** Newest first. */
export async function findNewestComments(
  db: Db | Tx,
  readerId: Id | null,
  posts: readonly Pick<PostRow, 'id' | 'author_id'>[],
): Promise<Map<Id, CommentRow[]>> {
  const list = idListOf(posts.map(({ id }) => id))
  const ownIds = posts.filter((post) => post.author_id === readerId).map(({ id }) => id)
  const rows = list ? await newestComments(db, { ...list, readerId, ownIds }) : []
  return Map.groupBy(rows, (row) => row.post_id)
}

export interface Marks {
  liked: Set<Id>
  saved: Set<Id>
}

/** Which of the posts the reader likes and saved: all in the reader's own bucket, and what it does not know yet laid over it. */
export async function findMarks(
  db: Db | Tx,
  likesMemory: LikesMemory,
  readerId: Id,
  postIds: readonly Id[],
): Promise<Marks> {
  const marks: Marks = { liked: new Set(), saved: new Set() }
  if (postIds.length === 0) return marks
  const before = likesMemory.of(readerId)
  const rows = await marksOfReader(db, { bucket: bucketOf(readerId), readerId, postIds })
  for (const { kind, post_id } of rows) marks[kind].add(post_id)
  for (const remembered of [before, likesMemory.of(readerId)])
    for (const postId of postIds) {
      const like = remembered.get(postId)
      if (like?.liked === true) marks.liked.add(postId)
      else if (like) marks.liked.delete(postId)
    }
  return marks
}

function statement<Row>(db: Db, query: RawBuilder<Row>): Compilable<Row> {
  return { compile: () => query.compile(db) }
}

const postsByIds = prepared('posts_by_ids', (db, { buckets, ids, lo, hi }: IdList) =>
  statement(
    db,
    sql<PostRow>`
      select p.*, c.like_count, c.comment_count, c.share_count
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join posts p on p.bucket = wanted.bucket and p.id = wanted.id
      join post_counts c on c.bucket = p.bucket and c.post_id = p.id
      where p.id between ${lo}::bigint and ${hi}::bigint and c.post_id between ${lo}::bigint and ${hi}::bigint
    `,
  ),
)

const mediaOfPosts = prepared('posts_media_of', (db, { buckets, ids, lo, hi }: IdList) =>
  statement(
    db,
    sql<PostMediaRow>`
      select m.post_id, m.id, m.position, m.alt_text
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join post_media m on m.bucket = wanted.bucket and m.post_id = wanted.id
      where m.post_id between ${lo}::bigint and ${hi}::bigint
      order by m.post_id, m.position, m.id
    `,
  ),
)

/** The inner query stops at the newest few, however many comments there are; those that wait are for whom they may be for. */
const newestComments = prepared(
  'posts_newest_comments',
  (db, { buckets, ids, lo, hi, readerId, ownIds }: IdList & { readerId: Id | null; ownIds: Id[] }) =>
    statement(
      db,
      sql<CommentRow>`
      select newest.*
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join post_counts p on p.bucket = wanted.bucket and p.post_id = wanted.id
      cross join lateral (
        select c.* from comments c
        where c.bucket = p.bucket and c.post_id = p.post_id and c.parent_id is null
          and c.post_id between ${lo}::bigint and ${hi}::bigint
          and (c.held_at is null or c.author_id = ${readerId}::bigint)
          and (c.waits_at is null or c.author_id = ${readerId}::bigint or c.post_id = any(${ownIds}::bigint[]))
        order by c.id desc
        limit ${sql.lit(commentsLookedAt)}
      ) newest
      where p.post_id between ${lo}::bigint and ${hi}::bigint
      order by newest.post_id, newest.id desc
    `,
    ),
)

/** Each in the order of the key: by the index over time PostgreSQL would as gladly read all that somebody ever liked. */
const marksOfReader = prepared(
  'posts_marks_of_reader',
  (db, { bucket, readerId, postIds }: { bucket: number; readerId: Id; postIds: readonly Id[] }) =>
    statement(
      db,
      sql<{ kind: keyof Marks; post_id: Id }>`
        select 'liked' as kind, m.post_id from unnest(${postIds}::bigint[]) as w(post_id)
        cross join lateral (
          select g.post_id from likes_given g
          where g.bucket = ${bucket} and g.user_id = ${readerId} and g.post_id between w.post_id and w.post_id
          order by g.post_id limit 1
        ) m
        union all
        select 'saved', m.post_id from unnest(${postIds}::bigint[]) as w(post_id)
        cross join lateral (
          select s.post_id from saves s
          where s.bucket = ${bucket} and s.user_id = ${readerId} and s.post_id between w.post_id and w.post_id
          order by s.post_id limit 1
        ) m
      `,
    ),
)
