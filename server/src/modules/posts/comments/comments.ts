import type { Comment } from '@heliograph/contract/posts'
import { jsonb, type Tx } from '#platform/db/db.ts'
import { fillPage } from '#platform/db/fill-page.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { changeCounts } from '../posts-counts.ts'
import type { PostsDeps, Reader } from '../posts-deps.ts'
import { canDeleteComment, canSeeComment } from '../posts-policy.ts'
import type { CommentRow, PostRow } from '../posts-rows.ts'
import { mentionsOf, type PostsText } from '../posts-text.ts'
import type { PostsGate } from '../presenting/posts-gate.ts'
import { hydratePeople } from '../presenting/posts-hydrate.ts'
import type { PageRequest } from '../presenting/posts-presenter.ts'
import { type Presenters, presentComment } from '../presenting/posts-view.ts'
import { announceComment } from './comments-announce.ts'
import {
  approveComment,
  countReply,
  deleteThread,
  findComment,
  replies,
  topComments,
  whoHasNoneLeft,
} from './comments-repository.ts'
import { requireSeenComment } from './comments-seen.ts'

type Deps = Pick<
  PostsDeps,
  'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'graph' | 'media' | 'screening'
> & {
  gate: PostsGate
  text: PostsText
}

export interface NewComment {
  text: string
  parentId?: Id | undefined
}

export interface Comments {
  create(writer: { id: Id }, postId: Id, comment: NewComment, once: Once): Promise<Id>
  /** Throws `post.not_found` or `comment.not_found`. */
  presentOne(reader: Reader, postId: Id, commentId: Id): Promise<Comment>
  /** Top-level ones newest first; with `parentId` its replies, oldest first. */
  list(
    reader: Reader,
    postId: Id,
    parentId: Id | undefined,
    request: PageRequest,
  ): Promise<{ items: Comment[]; mayComment: boolean; nextPosition: readonly string[] | null }>
  /** Lets out what waits for the reader, who owns the post. Throws `post.not_found` or `comment.not_found`. */
  approve(reader: { id: Id }, postId: Id, commentId: Id): Promise<void>
  /** With its replies; its author and the post's may. */
  remove(reader: { id: Id }, postId: Id, commentId: Id): Promise<void>
}

export function createComments(deps: Deps): Comments {
  const { database, ids, events, clock, accounts, graph, media, gate, text, screening } = deps
  const presenters: Presenters = {
    summary: accounts.presentSummary,
    media: media.present,
    progress: media.progressOf,
    allowed: media.allowedInstead,
  }

  async function present(reader: Reader, post: PostRow, rows: readonly CommentRow[]): Promise<Comment[]> {
    const people = await hydratePeople(
      deps,
      reader,
      rows.flatMap((row) => [row.author_id, ...mentionsOf(row.entities)]),
    )
    return rows
      .map((row) => presentComment(presenters, reader, row, post, people))
      .filter((comment) => comment !== null)
  }

  /** One's own words can always be taken back, also from under what one may no longer see. */
  async function findOwn(reader: { id: Id }, postId: Id, commentId: Id) {
    const comment = await findComment(database.main, postId, commentId)
    const post = comment?.author_id === reader.id ? await gate.findUnseen(postId) : undefined
    return comment && post && { post, comment }
  }

  async function requireDeletable(reader: { id: Id }, postId: Id, commentId: Id) {
    const own = await findOwn(reader, postId, commentId)
    if (own) return own
    const post = await gate.requireVisible(reader, postId)
    const comment = await requireSeenComment(deps, reader, post, commentId)
    if (!canDeleteComment(reader, comment, post.author_id)) throw fault('comment.not_found')
    return { post, comment }
  }

  async function admit(tx: Tx, post: PostRow, writer: { id: Id }, words: string): Promise<'out' | 'waits'> {
    const pair = { from: post.author_id, to: writer.id }
    const admission = await graph.admitComment(tx, pair, {
      text: words,
      isFoul: () => screening.isFoul(words),
    })
    if (admission === 'refused') throw fault('comment.not_allowed')
    return admission
  }

  async function mayComment(reader: Reader, post: PostRow): Promise<boolean> {
    if (reader === null || post.comments_off || post.status !== 'ready') return false
    return (await graph.allowing('comments', reader.id, [post.author_id])).has(post.author_id)
  }

  return {
    async create(writer, postId, { text: words, parentId }, once) {
      const post = await gate.requireReady(writer, postId)
      if (post.comments_off) throw fault('comment.not_allowed')
      const parent = parentId === undefined ? null : await requireSeenComment(deps, writer, post, parentId)
      const topId = parent ? (parent.parent_id ?? parent.id) : null
      const entities = await text.entitiesOf(writer, words)
      const bucket = bucketOf(postId)
      const commentId = ids.next(bucket)
      await database.transaction(
        async (tx) => {
          if (topId !== null && !(await countReply(tx, postId, topId, 1))) throw fault('comment.not_found')
          const about = { commentId, postId, authorId: writer.id, text: words }
          const isHeld = await screening.holdComment(tx, about)
          const admission = await admit(tx, post, writer, words)
          const now = new Date(clock.now())
          const row = {
            bucket,
            post_id: postId,
            id: commentId,
            author_id: writer.id,
            parent_id: topId,
            text: words,
            reply_count: 0,
            created_at: now,
            held_at: isHeld ? now : null,
            waits_at: admission === 'waits' ? now : null,
          }
          await tx
            .insertInto('comments')
            .values({ ...row, entities: jsonb(entities) as never })
            .execute()
          await changeCounts(tx, postId, 'comment_count', 1)
          await once.record(tx, commentId)
          await announceComment(deps, tx, post, { ...row, entities })
        },
        { by: writer.id },
      )
      return commentId
    },

    async presentOne(reader, postId, commentId) {
      const post = await gate.requireVisible(reader, postId)
      const [comment] = await present(reader, post, [await requireSeenComment(deps, reader, post, commentId)])
      if (!comment) throw fault('comment.not_found')
      return comment
    },

    async list(reader, postId, parentId, request) {
      const post = await gate.requireVisible(reader, postId)
      if (parentId !== undefined) await requireSeenComment(deps, reader, post, parentId)
      const skeleton =
        parentId === undefined
          ? topComments(database, reader, postId)
          : replies(database, reader, postId, parentId)
      const keep = async (rows: CommentRow[]) => {
        const sight = await graph.loadSight(
          reader,
          rows.map((row) => row.author_id),
        )
        return rows.filter((row) => canSeeComment(sight, row, post.author_id))
      }
      const page = await fillPage(skeleton, keep, request)
      const [items, isAllowed] = await Promise.all([
        present(reader, post, page.rows),
        mayComment(reader, post),
      ])
      return { items, mayComment: isAllowed, nextPosition: page.nextPosition }
    },

    async approve(reader, postId, commentId) {
      const post = await gate.requireVisible(reader, postId)
      if (post.author_id !== reader.id) throw fault('comment.not_found')
      await requireSeenComment(deps, reader, post, commentId)
      await database.transaction(
        async (tx) => {
          const approved = await approveComment(tx, postId, commentId)
          if (approved) await announceComment(deps, tx, post, approved, { hasWaited: true })
        },
        { by: reader.id },
      )
    },

    async remove(reader, postId, commentId) {
      const { post, comment } = await requireDeletable(reader, postId, commentId)
      await database.transaction(
        async (tx) => {
          // The top comment is locked first, here as when somebody answers it.
          if (comment.parent_id !== null) await countReply(tx, postId, comment.parent_id, -1)
          const removed = await deleteThread(tx, postId, commentId)
          if (removed.length === 0) throw fault('comment.not_found')
          await changeCounts(tx, postId, 'comment_count', -removed.length)
          await screening.withdrawComments(
            tx,
            postId,
            removed.map(({ id }) => id),
          )
          const goneIds = await whoHasNoneLeft(tx, postId, removed)
          await events.emit(tx, 'comments.deleted', {
            bucket: bucketOf(postId),
            subjectId: postId,
            data: { postId, authorId: post.author_id, commentId, removed: removed.length, goneIds },
          })
        },
        { by: reader.id },
      )
    },
  }
}
