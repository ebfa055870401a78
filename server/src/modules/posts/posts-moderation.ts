import type { Comment, Post } from '@heliograph/contract/posts'
import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { announceComment } from './comments/comments-announce.ts'
import { countReply, deleteThread, findComment, whoHasNoneLeft } from './comments/comments-repository.ts'
import { requireSeenComment } from './comments/comments-seen.ts'
import { changeCounts } from './posts-counts.ts'
import type { PostsDeps, Reader } from './posts-deps.ts'
import type { CommentRow, PostRow } from './posts-rows.ts'
import { mentionsOf } from './posts-text.ts'
import type { PostsGate } from './presenting/posts-gate.ts'
import { hydratePeople } from './presenting/posts-hydrate.ts'
import type { PostsPresenter } from './presenting/posts-presenter.ts'
import { findPosts } from './presenting/posts-reads.ts'
import { versionsOf } from './presenting/posts-version.ts'
import { presentAnyComment } from './presenting/posts-view.ts'
import { type LockedPost, lockPost, mediaIdsOf } from './publishing/posts-locks.ts'
import { publishPost, withdrawPost } from './publishing/posts-publish.ts'

/** How a thing stood before it was decided about, for the log. */
export type Before = Record<string, unknown>

/** What moderators may ask of posts. Who is one is not decided here. */
export interface PostsModeration {
  /** In any state but deleted, and whoever may see them. */
  presentPosts(reader: Reader, postIds: readonly Id[]): Promise<Map<Id, Post>>
  presentComments(reader: Reader, wanted: readonly { postId: Id; commentId: Id }[]): Promise<Map<Id, Comment>>
  /** What there is to see of them, in short: read before what is shown, so that it is never newer than that. */
  versionsOf(postIds: readonly Id[]): Promise<Map<Id, string>>
  /** The same in the transaction that decides: locked until its end. Undefined: it is gone. */
  lockVersion(tx: Tx, post: { postId: Id; authorId: Id }): Promise<string | undefined>
  /** Who wrote what the reader sees; throws `post.not_found` or `comment.not_found`. */
  requireVisible(
    reader: { id: Id },
    thing: { postId: Id; commentId?: Id | undefined },
  ): Promise<{ authorId: Id }>

  /** Those of them that are no more. */
  listGone(
    things: readonly { postId: Id; commentId: Id | null }[],
  ): Promise<{ postId: Id; commentId: Id | null }[]>
  /** Posts in review, by (bucket, id): for those who look after the queue. */
  listInReview(
    after: { bucket: number; id: Id } | undefined,
    limit: number,
  ): Promise<{ bucket: number; id: Id; author_id: Id }[]>
  /** Locks it until the transaction ends; false when it waits no more. */
  lockInReview(tx: Tx, post: { postId: Id; authorId: Id }): Promise<boolean>

  /** Undefined: it is gone. A post that waits comes out; one that is out stays. */
  approvePost(
    tx: Tx,
    post: { postId: Id; authorId: Id },
    options: { sensitive: boolean },
  ): Promise<Before | undefined>
  /** Its pictures' addresses are refused from the commit on; gives them, so that they do not come back. */
  removePost(
    tx: Tx,
    post: { postId: Id; authorId: Id },
    note: string,
  ): Promise<(Before & { mediaIds: Id[] }) | undefined>
  approveComment(tx: Tx, comment: { postId: Id; commentId: Id }): Promise<Before | undefined>
  removeComment(tx: Tx, comment: { postId: Id; commentId: Id }): Promise<Before | undefined>
}

type Deps = PostsDeps & { gate: PostsGate; presenter: PostsPresenter }

export function createPostsModeration(deps: Deps): PostsModeration {
  const { database, events, accounts, media, gate, presenter } = deps
  const presenters = {
    summary: accounts.presentSummary,
    media: media.present,
    progress: media.progressOf,
    allowed: media.allowedInstead,
  }

  async function lock(tx: Tx, { postId, authorId }: { postId: Id; authorId: Id }) {
    await accounts.lockAccounts(tx, [authorId])
    const post = await lockPost(tx, postId)
    return post?.status === 'removed' ? undefined : post
  }

  async function update(tx: Tx, post: LockedPost, columns: Partial<LockedPost>): Promise<void> {
    await tx
      .updateTable('posts')
      .set(columns as never)
      .where('bucket', '=', post.bucket)
      .where('id', '=', post.id)
      .execute()
  }

  const about = ({ bucket, id: postId, author_id: authorId }: LockedPost) => ({
    bucket,
    subjectId: postId,
    data: { postId, authorId },
  })

  return {
    async presentPosts(reader, postIds) {
      const found = [...(await findPosts(database.main, postIds)).values()]
      const there = found.filter((post) => post.deleted_at === null)
      return new Map((await presenter.present(reader, there)).map((post) => [post.id, post]))
    },

    async presentComments(reader, wanted) {
      const rows: CommentRow[] = []
      for (const { postId, commentId } of wanted) {
        const row = await findComment(database.main, postId, commentId)
        if (row) rows.push(row)
      }
      const posts = await findPosts(
        database.main,
        rows.map((row) => row.post_id),
      )
      const named = rows.flatMap((row) => [row.author_id, ...mentionsOf(row.entities)])
      const people = await hydratePeople(deps, reader, named)
      const presented = rows.flatMap((row) => {
        const post: PostRow | undefined = posts.get(row.post_id)
        const comment = post && presentAnyComment(presenters, reader, row, post, people)
        return comment ? [[row.id, comment] as const] : []
      })
      return new Map(presented)
    },

    async versionsOf(postIds) {
      const found = await findPosts(database.main, postIds)
      return await versionsOf(database.main, [...found.values()], (ids) => media.findByIds(ids))
    },

    async lockVersion(tx, named) {
      const post = await lock(tx, named)
      if (!post) return undefined
      return (await versionsOf(tx, [post], (ids) => media.lockByIds(tx, ids))).get(post.id)
    },

    async listGone(things) {
      const gone: { postId: Id; commentId: Id | null }[] = []
      for (const thing of things) {
        const { postId, commentId } = thing
        const post = await database.main
          .selectFrom('posts')
          .select(['status', 'deleted_at'])
          .where('bucket', '=', bucketOf(postId))
          .where('id', '=', postId)
          .executeTakeFirst()
        const isThere = post && post.deleted_at === null && post.status !== 'removed'
        const isCommentThere = commentId === null || (await findComment(database.main, postId, commentId))
        if (!isThere || !isCommentThere) gone.push(thing)
      }
      return gone
    },

    listInReview: (after, limit) =>
      database.main
        .selectFrom('posts')
        .select(['bucket', 'id', 'author_id'])
        .where('status', '=', 'review')
        .where('deleted_at', 'is', null)
        .$if(after !== undefined, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('bucket', 'id'), '>', tuple(after!.bucket, after!.id)),
          ),
        )
        .orderBy('bucket')
        .orderBy('id')
        .limit(limit)
        .execute(),

    lockInReview: async (tx, named) => (await lock(tx, named))?.status === 'review',

    async requireVisible(reader, { postId, commentId }) {
      const post = await gate.requireReady(reader, postId)
      if (commentId === undefined) return { authorId: post.author_id }
      const comment = await requireSeenComment(deps, reader, post, commentId)
      return { authorId: comment.author_id }
    },

    async approvePost(tx, named, { sensitive }) {
      const post = await lock(tx, named)
      if (!post) return undefined
      const before = { status: post.status, sensitive: post.sensitive }
      const isSensitive = post.sensitive || sensitive
      await media.approve(tx, await mediaIdsOf(tx, post.id))
      if (post.status === 'review') await publishPost(deps, tx, post, { sensitive: isSensitive })
      else if (isSensitive !== post.sensitive) {
        await update(tx, post, { sensitive: isSensitive })
        await events.emit(tx, 'posts.updated', about(post))
      }
      return before
    },

    async removePost(tx, named, note) {
      const post = await lock(tx, named)
      if (!post) return undefined
      const mediaIds = await mediaIdsOf(tx, post.id)
      await withdrawPost(deps, tx, post)
      await update(tx, post, { status: 'removed', failure_code: 'post.removed', removal_note: note })
      await media.release(tx, mediaIds)
      const { data, ...event } = about(post)
      const wasReady = post.status === 'ready'
      await events.emit(tx, 'posts.removed', {
        ...event,
        data: { ...data, audience: post.audience, wasReady },
      })
      return { status: post.status, sensitive: post.sensitive, caption: post.caption, mediaIds }
    },

    async approveComment(tx, { postId, commentId }) {
      const comment = await findComment(tx, postId, commentId)
      if (!comment) return undefined
      const at = { bucket: bucketOf(postId), post_id: postId, id: commentId }
      const freed = await tx
        .updateTable('comments')
        .set({ held_at: null })
        .where('bucket', '=', at.bucket)
        .where('post_id', '=', at.post_id)
        .where('id', '=', at.id)
        .where('held_at', 'is not', null)
        .returning('id')
        .executeTakeFirst()
      const post = (await findPosts(tx, [postId])).get(postId)
      if (freed && post) await announceComment(deps, tx, post, { ...comment, held_at: null })
      return { held: freed !== undefined, text: comment.text }
    },

    async removeComment(tx, { postId, commentId }) {
      const comment = await findComment(tx, postId, commentId)
      const post = (await findPosts(tx, [postId])).get(postId)
      if (!comment || !post) return undefined
      // The top comment is locked first, here as when somebody answers it.
      if (comment.parent_id !== null) await countReply(tx, postId, comment.parent_id, -1)
      const removed = await deleteThread(tx, postId, commentId)
      if (removed.length === 0) return undefined
      await changeCounts(tx, postId, 'comment_count', -removed.length)
      // Its own case is the one that is being decided.
      const answers = removed.flatMap(({ id }) => (id === commentId ? [] : [id]))
      await deps.screening.withdrawComments(tx, postId, answers)
      const goneIds = await whoHasNoneLeft(tx, postId, removed)
      await events.emit(tx, 'comments.deleted', {
        bucket: bucketOf(postId),
        subjectId: postId,
        data: { postId, authorId: post.author_id, commentId, removed: removed.length, goneIds },
      })
      return { held: comment.held_at !== null, text: comment.text }
    },
  }
}
