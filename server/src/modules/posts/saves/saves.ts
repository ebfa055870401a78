import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import type { PostsGate } from '../presenting/posts-gate.ts'

type Deps = Pick<PostsDeps, 'database' | 'ids' | 'clock'> & { gate: PostsGate }

/** Saves are nobody's business but the saver's: no count, no event. */
export interface Saves {
  save(saver: { id: Id }, postId: Id): Promise<void>
  unsave(saver: { id: Id }, postId: Id): Promise<void>
}

export function createSaves({ database, ids, clock, gate }: Deps): Saves {
  return {
    async save(saver, postId) {
      await gate.requireReady(saver, postId)
      const bucket = bucketOf(saver.id)
      await database.transaction(
        async (tx) => {
          await tx
            .insertInto('saves')
            .values({
              bucket,
              user_id: saver.id,
              post_id: postId,
              id: ids.next(bucket),
              created_at: new Date(clock.now()),
            })
            .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'post_id']).doNothing())
            .execute()
        },
        { by: saver.id },
      )
    },
    async unsave(saver, postId) {
      const isDeleted = await database.transaction(
        async (tx) => {
          const deleted = await tx
            .deleteFrom('saves')
            .where('bucket', '=', bucketOf(saver.id))
            .where('user_id', '=', saver.id)
            .where('post_id', '=', postId)
            .executeTakeFirst()
          return deleted.numDeletedRows > 0n
        },
        { by: saver.id },
      )
      // The row is the saver's own, whatever became of the post; without one, the post is asked about.
      if (!isDeleted) await gate.requireReady(saver, postId)
    },
  }
}
