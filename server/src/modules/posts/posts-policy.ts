import { canSee, type SightOver } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import type { Reader } from './posts-deps.ts'
import type { CommentRow, PostRow } from './posts-rows.ts'

export function canSeePost(
  sight: SightOver,
  post: Pick<PostRow, 'author_id' | 'status' | 'audience' | 'deleted_at'>,
) {
  return canSee(sight, {
    kind: 'post',
    authorId: post.author_id,
    status: post.status,
    deleted: post.deleted_at !== null,
    audience: post.audience,
  })
}

/** Its picture's addresses may live long, and be kept by anybody. */
export function isForEverybody(
  { status, audience }: Pick<PostRow, 'status' | 'audience'>,
  author: { isPrivate: boolean },
): boolean {
  return status === 'ready' && audience === 'public' && !author.isPrivate
}

/** How many like a post that may be seen, and who: its owner always knows. */
export function tellsLikes(author: { id: Id; hidesLikeCounts: boolean }, reader: Reader): boolean {
  return !author.hidesLikeCounts || reader?.id === author.id
}

/** Of a post that may be seen: its owner knows what would be shown, everybody else when the owner shows it. */
export function tellsMetadata(post: Pick<PostRow, 'author_id' | 'show_metadata'>, reader: Reader): boolean {
  return post.show_metadata || reader?.id === post.author_id
}

/** Of a post that may be seen. */
export function canSeeComment(
  sight: SightOver,
  comment: Pick<CommentRow, 'author_id' | 'held_at' | 'waits_at'>,
  postAuthorId: Id,
): boolean {
  return canSee(sight, {
    kind: 'comment',
    authorId: comment.author_id,
    held: comment.held_at !== null,
    ...(comment.waits_at === null ? {} : { waitsFor: postAuthorId }),
  })
}

export function canDeleteComment(
  reader: Reader,
  comment: Pick<CommentRow, 'author_id'>,
  postAuthorId: Id,
): boolean {
  return reader !== null && (reader.id === comment.author_id || reader.id === postAuthorId)
}
