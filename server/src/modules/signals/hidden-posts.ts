import type { PostsApi } from '#modules/posts'
import { localHourAt, noteInteraction, type PostFacts, type PostFeaturesStore } from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { changedOf } from './signals-changed.ts'
import type { Entry, RecordSignals } from './signals-store.ts'

/** "Show less of this": leaves one's feeds whatever the settings are, and is a signal where signals are kept. */
export interface HiddenPosts {
  hide(viewer: { id: Id }, postId: Id): Promise<void>
  unhide(viewer: { id: Id }, postId: Id): Promise<void>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  posts: Pick<PostsApi, 'requireVisible' | 'requireReady'>
  features: Pick<PostFeaturesStore, 'loadFacts'>
  record: RecordSignals
}

/** The newest ones are looked at by feeds; by then older ones lie far behind. */
const hiddenMax = 2000

export function createHiddenPosts(deps: Deps): HiddenPosts {
  const { database, ids, events, clock, record } = deps

  const findFacts = async (postId: Id): Promise<PostFacts | undefined> =>
    (await deps.features.loadFacts([postId])).get(postId)

  return {
    async hide(viewer, postId) {
      await deps.posts.requireReady(viewer, postId)
      const post = await findFacts(postId)
      const bucket = bucketOf(viewer.id)
      const now = clock.now()
      await database.transaction(
        async (tx) => {
          await tx
            .insertInto('hidden_posts')
            .values({
              bucket,
              user_id: viewer.id,
              post_id: postId,
              id: ids.next(bucket),
              created_at: new Date(now),
            })
            .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'post_id']).doNothing())
            .execute()
          await record(tx, post && post.authorId !== viewer.id ? [entryOf(viewer, post, now)] : [], [], now)
          await events.emitAll(tx, changedOf([viewer.id]))
        },
        { by: viewer.id },
      )
    },

    async unhide(viewer, postId) {
      const post = await findFacts(postId)
      const wasHidden = await database.transaction(
        async (tx) => {
          const deleted = await tx
            .deleteFrom('hidden_posts')
            .where('bucket', '=', bucketOf(viewer.id))
            .where('user_id', '=', viewer.id)
            .where('post_id', '=', postId)
            .executeTakeFirst()
          if (deleted.numDeletedRows === 0n) return false
          if (post)
            await record(
              tx,
              [],
              [
                {
                  userId: viewer.id,
                  kind: 'hide',
                  subject: postId,
                  exceptDays: [],
                  subtract: (sums, at, timeZone) =>
                    noteInteraction(sums, 'hide', post, { at, localHour: localHourAt(timeZone, at) }, -1),
                },
              ],
              clock.now(),
            )
          await events.emitAll(tx, changedOf([viewer.id]))
          return true
        },
        { by: viewer.id },
      )
      // The row was one's own, whatever became of the post; without one, the post is asked about.
      if (!wasHidden) await deps.posts.requireVisible(viewer, postId)
    },
  }
}

function entryOf(viewer: { id: Id }, post: PostFacts, at: number): Entry {
  return {
    userId: viewer.id,
    kind: 'hide',
    subject: post.id,
    at,
    postId: post.id,
    personId: post.authorId,
    add: (sums, { timeZone }) =>
      noteInteraction(sums, 'hide', post, { at, localHour: localHourAt(timeZone, at) }),
  }
}

/** Newest first. */
export async function listHidden(db: Db, userId: Id): Promise<Id[]> {
  const rows = await db
    .selectFrom('hidden_posts')
    .select('post_id')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(hiddenMax)
    .execute()
  return rows.map(({ post_id }) => post_id)
}
