import type { Database, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { holdPost, textsOf } from './posts-hold.ts'
import { type LockedPost, lockPost, mediaIdsOf } from './posts-locks.ts'
import { publishPost } from './posts-publish.ts'
import { readingBetween, requireRead } from './posts-unread.ts'

type Deps = Pick<
  PostsDeps,
  'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'media' | 'outboxes' | 'screening'
>

export interface PostsSettling {
  /**
   * Takes a processing post on when all its media are done: makes it ready, once, or failed, or
   * puts it before a moderator. Does nothing
   * otherwise, so it may be called at any time, by anybody, at once.
   */
  settle(postId: Id): Promise<void>
  /** What people see when settling itself did not succeed. */
  giveUp(postId: Id): Promise<void>
}

export function createPostsSettling(deps: Deps): PostsSettling {
  const { database, accounts, media, events, screening } = deps

  async function fail(tx: Tx, post: LockedPost, code: string): Promise<void> {
    await tx
      .updateTable('posts')
      .set({ status: 'failed', failure_code: code })
      .where('bucket', '=', post.bucket)
      .where('id', '=', post.id)
      .execute()
    await events.emit(tx, 'posts.failed', {
      bucket: post.bucket,
      subjectId: post.id,
      data: { postId: post.id, authorId: post.author_id, code },
    })
  }

  async function letOut(tx: Tx, post: LockedPost, mediaIds: Id[]): Promise<void> {
    const judged = await media.judgedNow(tx, mediaIds)
    const isBlocked = [...judged.values()].some(({ verdict }) => verdict === 'blocked')
    if (isBlocked) return await fail(tx, post, 'media.blocked')
    const texts = await textsOf(deps, tx, post)
    requireRead(deps, texts)
    const isHeld = await screening.holdPost(tx, {
      postId: post.id,
      authorId: post.author_id,
      texts,
      media: judged,
    })
    await (isHeld ? holdPost(deps, tx, post) : publishPost(deps, tx, post))
  }

  async function locked(postId: Id, work: (tx: Tx, post: LockedPost) => Promise<void>): Promise<void> {
    const authorId = await authorOfProcessing(database, postId)
    if (authorId === undefined) return
    await readingBetween(deps, () =>
      database.transaction(
        async (tx) => {
          await accounts.lockAccounts(tx, [authorId])
          const post = await lockPost(tx, postId)
          if (post?.status === 'processing') await work(tx, post)
        },
        { by: authorId },
      ),
    )
  }

  return {
    settle: (postId) =>
      locked(postId, async (tx, post) => {
        const mediaIds = await mediaIdsOf(tx, postId)
        const rows = await media.lockByIds(tx, mediaIds)
        const state = media.stateOf(rows.values())
        if (rows.size < mediaIds.length) await fail(tx, post, 'media.failed')
        else if (state.status === 'failed') await fail(tx, post, state.code)
        else if (state.status === 'ready') await letOut(tx, post, mediaIds)
      }),
    giveUp: (postId) => locked(postId, (tx, post) => fail(tx, post, 'media.failed')),
  }
}

async function authorOfProcessing(database: Database, postId: Id): Promise<Id | undefined> {
  const post = await database.main
    .selectFrom('posts')
    .select('author_id')
    .where('bucket', '=', bucketOf(postId))
    .where('id', '=', postId)
    .where('status', '=', 'processing')
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return post?.author_id
}
