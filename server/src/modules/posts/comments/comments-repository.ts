import { type SelectQueryBuilder, sql } from 'kysely'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Schema } from '#schema'
import type { Reader } from '../posts-deps.ts'
import type { CommentRow } from '../posts-rows.ts'

export async function findComment(
  db: Database['main'] | Tx,
  postId: Id,
  commentId: Id,
): Promise<CommentRow | undefined> {
  return await db
    .selectFrom('comments')
    .selectAll()
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .where('id', '=', commentId)
    .executeTakeFirst()
}

/** Locks the comment until the transaction ends. False when it is gone. */
export async function countReply(tx: Tx, postId: Id, parentId: Id, by: 1 | -1): Promise<boolean> {
  const counted = await tx
    .updateTable('comments')
    .set({ reply_count: sql<number>`reply_count + ${by}` })
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .where('id', '=', parentId)
    .returning('id')
    .executeTakeFirst()
  return counted !== undefined
}

/** The comment as it is from now on; undefined when it did not wait. */
export async function approveComment(tx: Tx, postId: Id, commentId: Id): Promise<CommentRow | undefined> {
  return await tx
    .updateTable('comments')
    .set({ waits_at: null })
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .where('id', '=', commentId)
    .where('waits_at', 'is not', null)
    .returningAll()
    .executeTakeFirst()
}

export interface RemovedComment {
  id: Id
  author_id: Id
}

/** With its replies; which went in all. */
export async function deleteThread(tx: Tx, postId: Id, commentId: Id): Promise<RemovedComment[]> {
  const at = { bucket: bucketOf(postId), postId }
  const own = await tx
    .deleteFrom('comments')
    .where('bucket', '=', at.bucket)
    .where('post_id', '=', at.postId)
    .where('id', '=', commentId)
    .returning(['id', 'author_id'])
    .executeTakeFirst()
  if (!own) return []
  const replies = await tx
    .deleteFrom('comments')
    .where('bucket', '=', at.bucket)
    .where('post_id', '=', at.postId)
    .where('parent_id', '=', commentId)
    .returning(['id', 'author_id'])
    .execute()
  return [own, ...replies]
}

/**
 * Of the authors of what was removed those who have no comment left on the post. Asked behind the change of its count, at
 * which everybody waits who comments there or takes back: of two that one person takes back at once, one is the last.
 */
export async function whoHasNoneLeft(tx: Tx, postId: Id, removed: readonly RemovedComment[]): Promise<Id[]> {
  const authorIds = [...new Set(removed.map(({ author_id }) => author_id))]
  const left = await tx
    .selectFrom('comments')
    .select('author_id')
    .distinct()
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .where('author_id', 'in', authorIds)
    .execute()
  const stay = new Set(left.map(({ author_id }) => author_id))
  return authorIds.filter((id) => !stay.has(id))
}

/** Top-level ones, newest first. */
export function topComments(database: Database, reader: Reader, postId: Id): Skeleton<CommentRow> {
  return commentList(database, reader, postId, (query, position) => {
    const listed = query.where('parent_id', 'is', null).orderBy('id', 'desc')
    return position ? listed.where('id', '<', position[0]!) : listed
  })
}

/** Oldest first, as a conversation is read. */
export function replies(database: Database, reader: Reader, postId: Id, parentId: Id): Skeleton<CommentRow> {
  return commentList(database, reader, postId, (query, position) => {
    const listed = query.where('parent_id', '=', parentId).orderBy('id', 'asc')
    return position ? listed.where('id', '>', position[0]!) : listed
  })
}

type CommentQuery = SelectQueryBuilder<Schema, 'comments', CommentRow>

function commentList(
  database: Database,
  reader: Reader,
  postId: Id,
  arrange: (query: CommentQuery, position: readonly string[] | null) => CommentQuery,
): Skeleton<CommentRow> {
  return {
    read(position, count) {
      const ofPost = database
        .readFor(reader?.id)
        .selectFrom('comments')
        .selectAll()
        .where('bucket', '=', bucketOf(postId))
        .where('post_id', '=', postId)
      return arrange(ofPost, position).limit(count).execute()
    },
    positionOf: (row) => [row.id],
  }
}
