import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { changeCounts, readCounts } from '../posts-counts.ts'
import type { PostsDeps } from '../posts-deps.ts'
import type { PostsGate } from '../presenting/posts-gate.ts'

type Deps = Pick<PostsDeps, 'database' | 'events' | 'clock'> & { gate: PostsGate }

/** Notes that somebody passed the link on; once per person. Returns how many did. */
export type SharePost = (sharer: { id: Id }, postId: Id) => Promise<number>

export function createShares({ database, events, clock, gate }: Deps): SharePost {
  return async (sharer, postId) => {
    const post = await gate.requireReady(sharer, postId)
    const bucket = bucketOf(postId)
    return await database.transaction(
      async (tx) => {
        const inserted = await tx
          .insertInto('shares')
          .values({ bucket, post_id: postId, user_id: sharer.id, created_at: new Date(clock.now()) })
          .onConflict((conflict) => conflict.columns(['bucket', 'post_id', 'user_id']).doNothing())
          .returning('user_id')
          .executeTakeFirst()
        if (!inserted) return (await readCounts(tx, postId)).share_count
        const counts = await changeCounts(tx, postId, 'share_count', 1)
        await events.emit(tx, 'shares.created', {
          bucket,
          subjectId: postId,
          data: { postId, authorId: post.author_id, userId: sharer.id },
        })
        return counts.share_count
      },
      { by: sharer.id },
    )
  }
}
