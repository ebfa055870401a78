import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import type { PostsGate } from '../presenting/posts-gate.ts'

type Deps = Pick<PostsDeps, 'database' | 'ids' | 'events' | 'clock'> & { gate: PostsGate }

/** Saves are nobody's business but the saver's: no count, and their events lie in the saver's bucket. */
export interface Saves {
  save(saver: { id: Id }, postId: Id): Promise<void>
  unsave(saver: { id: Id }, postId: Id): Promise<void>
}

export function createSaves({ database, ids, events, clock, gate }: Deps): Saves {
  return {
    async save(saver, postId) {
      const post = await gate.requireReady(saver, postId)
      const bucket = bucketOf(saver.id)
      await database.transaction(
        async (tx) => {
          const inserted = await tx
            .insertInto('saves')
            .values({
              bucket,
              user_id: saver.id,
              post_id: postId,
              id: ids.next(bucket),
              created_at: new Date(clock.now()),
            })
            .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'post_id']).doNothing())
            .returning('id')
            .executeTakeFirst()
          const data = { postId, authorId: post.author_id, userId: saver.id }
          if (inserted) await events.emit(tx, 'saves.created', { bucket, subjectId: postId, data })
        },
        { by: saver.id },
      )
    },
    async unsave(saver, postId) {
      const bucket = bucketOf(saver.id)
      const isDeleted = await database.transaction(
        async (tx) => {
          const deleted = await tx
            .deleteFrom('saves')
            .where('bucket', '=', bucket)
            .where('user_id', '=', saver.id)
            .where('post_id', '=', postId)
            .executeTakeFirst()
          if (deleted.numDeletedRows === 0n) return false
          const event = { bucket, subjectId: postId, data: { postId, userId: saver.id } }
          await events.emit(tx, 'saves.deleted', event)
          return true
        },
        { by: saver.id },
      )
      // The row is the saver's own, whatever became of the post; without one, the post is asked about.
      if (!isDeleted) await gate.requireReady(saver, postId)
    },
  }
}
