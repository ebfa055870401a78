import type { EraseOf } from '#modules/accounts'
import { isFault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Comments } from '../comments/comments.ts'
import type { Likes } from '../likes/likes.ts'
import { changeCounts } from '../posts-counts.ts'
import type { PostsDeps } from '../posts-deps.ts'
import type { DeletePost } from '../publishing/posts-delete.ts'

type Deps = Pick<PostsDeps, 'database'> & {
  remove: DeletePost
  likes: Pick<Likes, 'unlike'>
  comments: Pick<Comments, 'remove'>
}

const batch = 100

/**
 * Of somebody who left: their posts, and what they gave to those of others, with the counts. Each by the way in which its
 * owner would take it away, so that all that follows from it follows here too.
 */
export function createErasePosts({ database, remove, likes, comments }: Deps): EraseOf {
  const { main } = database

  const listPosts = (id: Id) =>
    main
      .selectFrom('posts')
      .select('id')
      .where('bucket', '=', bucketOf(id))
      .where('author_id', '=', id)
      .where('deleted_at', 'is', null)
      .limit(batch)
      .execute()

  const listLiked = (id: Id, before: Id | null) =>
    main
      .selectFrom('likes_given')
      .select(['id', 'post_id'])
      .where('bucket', '=', bucketOf(id))
      .where('user_id', '=', id)
      .$if(before !== null, (query) => query.where('id', '<', before))
      .orderBy('id', 'desc')
      .limit(batch)
      .execute()

  const listComments = (id: Id, after: { post_id: Id; id: Id } | undefined) =>
    main
      .selectFrom('comments')
      .select(['post_id', 'id'])
      .where('author_id', '=', id)
      .$if(after !== undefined, (query) =>
        query.where((where) =>
          where(where.refTuple('post_id', 'id'), '>', where.tuple(after?.post_id ?? '', after?.id ?? '')),
        ),
      )
      .orderBy('post_id')
      .orderBy('id')
      .limit(batch)
      .execute()

  /** The count with the row; true: there was one. */
  const endShare = (id: Id) =>
    database.transaction(async (tx) => {
      const share = await tx
        .selectFrom('shares')
        .select(['bucket', 'post_id'])
        .where('user_id', '=', id)
        .limit(1)
        .executeTakeFirst()
      if (!share) return false
      const { numDeletedRows } = await tx
        .deleteFrom('shares')
        .where('bucket', '=', share.bucket)
        .where('post_id', '=', share.post_id)
        .where('user_id', '=', id)
        .executeTakeFirst()
      if (numDeletedRows > 0n) await changeCounts(tx, share.post_id, 'share_count', -1)
      return true
    })

  return async (id, signal) => {
    const person = { id }
    for (let found = await listPosts(id); found.length > 0; found = await listPosts(id))
      for (const post of found) {
        signal.throwIfAborted()
        await unlessGone(remove(person, post.id))
      }

    for (let before: Id | null = null; ; ) {
      const found = await listLiked(id, before)
      for (const { post_id: postId } of found) {
        signal.throwIfAborted()
        await unlessGone(likes.unlike(person, postId))
      }
      before = found.at(-1)?.id ?? null
      if (found.length < batch) break
    }

    for (let after: { post_id: Id; id: Id } | undefined; ; ) {
      const found = await listComments(id, after)
      for (const comment of found) {
        signal.throwIfAborted()
        await unlessGone(comments.remove(person, comment.post_id, comment.id))
      }
      after = found.at(-1)
      if (found.length < batch) break
    }

    while (await endShare(id)) signal.throwIfAborted()
    await main.deleteFrom('saves').where('bucket', '=', bucketOf(id)).where('user_id', '=', id).execute()
  }
}

/** Its post is deleted, and takes it along. */
async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isFault(error, 'post.not_found') && !isFault(error, 'comment.not_found')) throw error
  }
}
