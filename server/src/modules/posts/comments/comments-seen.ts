import type { GraphApi } from '#modules/graph'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Reader } from '../posts-deps.ts'
import { canSeeComment } from '../posts-policy.ts'
import type { CommentRow, PostRow } from '../posts-rows.ts'
import { findComment } from './comments-repository.ts'

type Deps = { database: Database; graph: Pick<GraphApi, 'loadSight'> }

/**
 * Of a post that the reader may see. Only what is seen can be answered, reported or deleted; an answer is seen
 * where what it answers is. Throws `comment.not_found`.
 */
export async function requireSeenComment(
  { database, graph }: Deps,
  reader: Reader,
  post: Pick<PostRow, 'id' | 'author_id'>,
  commentId: Id,
): Promise<CommentRow> {
  const comment = await findComment(database.main, post.id, commentId)
  const top = comment?.parent_id ? await findComment(database.main, post.id, comment.parent_id) : comment
  if (!comment || !top) throw fault('comment.not_found')
  const sight = await graph.loadSight(reader, [comment.author_id, top.author_id])
  const isSeen = [comment, top].every((each) => canSeeComment(sight, each, post.author_id))
  if (!isSeen) throw fault('comment.not_found')
  return comment
}
