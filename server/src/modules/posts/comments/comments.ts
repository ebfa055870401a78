import type { Comment } from '@heliograph/contract/posts'
import { jsonb } from '#platform/db/db.ts'
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
import { countReply, deleteThread, findComment, replies, topComments } from './comments-repository.ts'

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
  ): Promise<{ items: Comment[]; nextPosition: readonly string[] | null }>
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

  /** Only what the reader sees can be answered or deleted. */
  async function requireComment(reader: Reader, postId: Id, commentId: Id): Promise<CommentRow> {
    const comment = await findComment(database.main, postId, commentId)
    if (!comment) throw fault('comment.not_found')
    const sight = await graph.loadSight(reader, [comment.author_id])
    if (!canSeeComment(sight, comment)) throw fault('comment.not_found')
    return comment
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
    const comment = await requireComment(reader, postId, commentId)
    if (!canDeleteComment(reader, comment, post.author_id)) throw fault('comment.not_found')
    return { post, comment }
  }

  return {
    async create(writer, postId, { text: words, parentId }, once) {
      const post = await gate.requireReady(writer, postId)
      const parent = parentId === undefined ? null : await requireComment(writer, postId, parentId)
      const topId = parent ? (parent.parent_id ?? parent.id) : null
      const entities = await text.entitiesOf(writer, words)
      const bucket = bucketOf(postId)
      const commentId = ids.next(bucket)
      await database.transaction(
        async (tx) => {
          if (topId !== null && !(await countReply(tx, postId, topId, 1))) throw fault('comment.not_found')
          const about = { commentId, postId, authorId: writer.id, text: words }
          const isHeld = await screening.holdComment(tx, about)
          const now = new Date(clock.now())
          await tx
            .insertInto('comments')
            .values({
              bucket,
              post_id: postId,
              id: commentId,
              author_id: writer.id,
              parent_id: topId,
              text: words,
              entities: jsonb(entities) as never,
              reply_count: 0,
              created_at: now,
              held_at: isHeld ? now : null,
            })
            .execute()
          await changeCounts(tx, postId, 'comment_count', 1)
          await once.record(tx, commentId)
          if (isHeld) {
            const data = { postId, authorId: post.author_id, commentId, userId: writer.id }
            await events.emit(tx, 'comments.held', { bucket, subjectId: postId, data })
            return
          }
          await events.emit(tx, 'comments.created', {
            bucket,
            subjectId: postId,
            data: {
              postId,
              authorId: post.author_id,
              commentId,
              parentId: topId,
              userId: writer.id,
              mentionedIds: mentionsOf(entities),
            },
          })
        },
        { by: writer.id },
      )
      return commentId
    },

    async presentOne(reader, postId, commentId) {
      const post = await gate.requireVisible(reader, postId)
      const [comment] = await present(reader, post, [await requireComment(reader, postId, commentId)])
      if (!comment) throw fault('comment.not_found')
      return comment
    },

    async list(reader, postId, parentId, request) {
      const post = await gate.requireVisible(reader, postId)
      if (parentId !== undefined) await requireComment(reader, postId, parentId)
      const skeleton =
        parentId === undefined
          ? topComments(database, reader, postId)
          : replies(database, reader, postId, parentId)
      const keep = async (rows: CommentRow[]) => {
        const sight = await graph.loadSight(
          reader,
          rows.map((row) => row.author_id),
        )
        return rows.filter((row) => canSeeComment(sight, row))
      }
      const page = await fillPage(skeleton, keep, request)
      return { items: await present(reader, post, page.rows), nextPosition: page.nextPosition }
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
          await screening.withdrawComments(tx, postId, removed)
          await events.emit(tx, 'comments.deleted', {
            bucket: bucketOf(postId),
            subjectId: postId,
            data: { postId, authorId: post.author_id, commentId, removed: removed.length },
          })
        },
        { by: reader.id },
      )
    },
  }
}
