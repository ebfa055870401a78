import { canSee, type GraphApi } from '#modules/graph'
import { localHourAt, noteInteraction, type PostFacts, type PostFeaturesStore } from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { changedOf } from './signals-changed.ts'
import type { RecordSignals } from './signals-store.ts'

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
  graph: Pick<GraphApi, 'loadSight'>
  features: Pick<PostFeaturesStore, 'loadFacts'>
  record: RecordSignals
}

/** The newest ones are looked at by feeds; by then older ones lie far behind. */
const hiddenMax = 2000

export function createHiddenPosts(deps: Deps): HiddenPosts {
  const { database, ids, events, clock, record } = deps

  async function requireVisible(viewer: { id: Id }, postId: Id): Promise<PostFacts> {
    const post = (await deps.features.loadFacts([postId])).get(postId)
    if (!post) throw fault('post.not_found')
    const sight = await deps.graph.loadSight(viewer, [post.authorId])
    if (!canSee(sight, { ...post, kind: 'post' })) throw fault('post.not_found')
    return post
  }

  return {
    async hide(viewer, postId) {
      const post = await requireVisible(viewer, postId)
      if (post.status !== 'ready') throw fault('post.not_ready')
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
          const isOwn = post.authorId === viewer.id
          const entry = {
            userId: viewer.id,
            kind: 'hide' as const,
            subject: postId,
            at: now,
            postId,
            personId: post.authorId,
            add: (sums: Parameters<typeof noteInteraction>[0], { timeZone }: { timeZone: string }) =>
              noteInteraction(sums, 'hide', post, { at: now, localHour: localHourAt(timeZone, now) }),
          }
          await record(tx, isOwn ? [] : [entry], [], now)
          await events.emitAll(tx, changedOf([viewer.id]))
        },
        { by: viewer.id },
      )
    },

    async unhide(viewer, postId) {
      const post = (await deps.features.loadFacts([postId])).get(postId)
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
      if (!wasHidden) await requireVisible(viewer, postId)
    },
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
