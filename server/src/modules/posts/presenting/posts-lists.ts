import type { Audience } from '@heliograph/contract/posts'
import type { Database, Db } from '#platform/db/db.ts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import { after } from '#platform/db/keyset.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Reader } from '../posts-deps.ts'

interface ProfileRow {
  post_id: Id
  display_at: Date
}

export interface MarkRow {
  post_id: Id
  id: Id
}

/**
 * Posts of one author by the date they carry. Only the author's own list has what is not ready. `audiences`: those in which
 * the reader is; spares reading on through what is for others.
 */
export function profilePosts(
  database: Database,
  reader: Reader,
  authorId: Id,
  audiences: readonly Audience[],
): Skeleton<ProfileRow> {
  return {
    read(position, count) {
      let query = database
        .readFor(reader?.id)
        .selectFrom('posts')
        .select(['id as post_id', 'display_at'])
        .where('bucket', '=', bucketOf(authorId))
        .where('author_id', '=', authorId)
        .where('deleted_at', 'is', null)
        .orderBy('display_at', 'desc')
        .orderBy('id', 'desc')
        .limit(count)
      if (reader?.id !== authorId)
        query = query.where('status', '=', 'ready').where('audience', 'in', audiences)
      if (position) {
        const [displayAt, id] = position
        query = query.where(after(['display_at', 'id'], [new Date(Number(displayAt)), id]))
      }
      return query.execute()
    },
    positionOf: (row) => [String(row.display_at.getTime()), row.post_id],
  }
}

/** Of one author's ready posts for one audience the newest. */
export function findNewestOf(db: Db, authorId: Id, audience: Audience, limit: number): Promise<{ id: Id }[]> {
  return db
    .selectFrom('posts')
    .select('id')
    .where('bucket', '=', bucketOf(authorId))
    .where('author_id', '=', authorId)
    .where('deleted_at', 'is', null)
    .where('status', '=', 'ready')
    .where('audience', '=', audience)
    .orderBy('display_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** What somebody saved or liked, the last first: in their own bucket. */
export function markedPosts(
  database: Database,
  table: 'saves' | 'likes_given',
  readerId: Id,
): Skeleton<MarkRow> {
  return {
    read(position, count) {
      let query = database
        .readFor(readerId)
        .selectFrom(table)
        .select(['post_id', 'id'])
        .where('bucket', '=', bucketOf(readerId))
        .where('user_id', '=', readerId)
        .orderBy('id', 'desc')
        .limit(count)
      if (position) query = query.where('id', '<', position[0]!)
      return query.execute()
    },
    positionOf: (row) => [row.id],
  }
}
