import { type ErrorCode, errorCodes, sentenceOf } from '@heliograph/contract/error-codes'
import type { Comment, Place, Post, PostMedia, TextEntity } from '@heliograph/contract/posts'
import type { AccountRow, AccountsApi } from '#modules/accounts'
import { canSee } from '#modules/graph'
import type { MediaApi } from '#modules/media'
import type { Reader } from '../posts-deps.ts'
import { canDeleteComment, canSeeComment, isForEverybody, tellsLikes } from '../posts-policy.ts'
import type { CommentRow, PostRow } from '../posts-rows.ts'
import type { StoredEntity } from '../posts-tables.ts'
import type { People, PostFacts } from './posts-hydrate.ts'

export const commentsShown = 2

/** How other modules show their part of a post; both are pure. */
export interface Presenters {
  summary: AccountsApi['presentSummary']
  media: MediaApi['present']
  progress: MediaApi['progressOf']
  allowed: MediaApi['allowedInstead']
}

export function presentPost(
  presenters: Presenters,
  reader: Reader,
  facts: PostFacts,
  people: People,
): Post | null {
  const { post } = facts
  const author = people.accounts.get(post.author_id)
  if (!author) return null
  const isOwn = reader?.id === author.id
  const failureCode = isOwn ? failureOf(facts) : null
  const likesHidden = !tellsLikes(author, reader)
  const progress = isOwn && post.status === 'processing' ? progressOf(presenters, facts) : undefined
  return {
    id: post.id,
    author: presenters.summary(author),
    caption: post.caption,
    entities: presentEntities(post.entities, people),
    place: presentPlace(post),
    audience: post.audience,
    createdAt: post.created_at.toISOString(),
    publishedAt: post.published_at?.toISOString() ?? null,
    displayAt: post.display_at.toISOString(),
    editedAt: post.edited_at?.toISOString() ?? null,
    status: post.status,
    ...(failureCode === null ? {} : { failure: presentFailure(presenters, failureCode, facts) }),
    ...(progress === undefined ? {} : { progress }),
    sensitive: post.sensitive,
    showMetadata: post.show_metadata,
    commentsOff: post.comments_off,
    likeCount: likesHidden ? 0 : post.like_count,
    likeCountHidden: likesHidden,
    commentCount: post.comment_count,
    shareCount: post.share_count,
    liked: facts.liked,
    saved: facts.saved,
    newestComments: presentNewest(presenters, reader, facts, people),
    media: presentMedia(presenters, isOwn, facts, author),
  }
}

/** Null when its author is gone or not for this reader. */
export function presentComment(
  presenters: Presenters,
  reader: Reader,
  comment: CommentRow,
  post: Pick<PostRow, 'author_id'>,
  people: People,
): Comment | null {
  if (!canSeeComment(people.sight, comment, post.author_id)) return null
  return presentAnyComment(presenters, reader, comment, post, people)
}

/** For moderators, who see what waits for them. */
export function presentAnyComment(
  presenters: Presenters,
  reader: Reader,
  comment: CommentRow,
  post: Pick<PostRow, 'author_id'>,
  people: People,
): Comment | null {
  const author = people.accounts.get(comment.author_id)
  if (!author) return null
  return {
    id: comment.id,
    postId: comment.post_id,
    parentId: comment.parent_id,
    author: presenters.summary(author),
    text: comment.text,
    entities: presentEntities(comment.entities, people),
    replyCount: comment.reply_count,
    createdAt: comment.created_at.toISOString(),
    ...(comment.held_at === null ? {} : { held: true }),
    // Its author must not learn that it waits for somebody.
    ...(comment.waits_at !== null && reader?.id === post.author_id ? { waiting: true } : {}),
    canDelete: canDeleteComment(reader, comment, post.author_id),
  }
}

function presentNewest(
  presenters: Presenters,
  reader: Reader,
  { post, comments }: PostFacts,
  people: People,
): Comment[] {
  return comments
    .map((comment) => presentComment(presenters, reader, comment, post, people))
    .filter((comment) => comment !== null)
    .slice(0, commentsShown)
}

function presentMedia(
  presenters: Presenters,
  isOwn: boolean,
  { post, media }: PostFacts,
  author: AccountRow,
): PostMedia[] {
  const isPublic = isForEverybody(post, author)
  const owner = { id: author.id, sightEpoch: author.sightEpoch }
  return media.map(({ row, altText, exif }) => ({
    ...presenters.media(row, { isPublic, owner, forOwner: isOwn, exif }),
    altText,
  }))
}

/** A mention carries the name that its account has now, and is plain text to whom the account is hidden from. */
function presentEntities(entities: readonly StoredEntity[], people: People): TextEntity[] {
  return entities.flatMap(({ kind, start, end, value, userId }): TextEntity[] => {
    if (kind === 'hashtag') return [{ kind, start, end, value }]
    const account = userId && people.accounts.get(userId)
    if (!account || !canSee(people.sight, { kind: 'profile', authorId: account.id })) return []
    return [{ kind, start, end, value: account.username, userId: account.id }]
  })
}

function presentPlace(post: PostRow): Place | null {
  if (post.place_name === null) return null
  return {
    name: post.place_name,
    ...(post.place_lat === null ? {} : { lat: post.place_lat }),
    ...(post.place_lng === null ? {} : { lng: post.place_lng }),
  }
}

function progressOf(presenters: Presenters, { media }: PostFacts): number | undefined {
  return presenters.progress(media.map(({ row }) => row))
}

/** Why the post failed; of a ready one, or one that waits, why a new crop did: the pictures before it are still shown. */
function failureOf({ post, media }: PostFacts): string | null {
  if (post.status !== 'ready' && post.status !== 'review') return post.failure_code
  const failed = media.find(({ row }) => row.processing_status === 'failed')
  return failed ? (failed.row.failure_code ?? 'media.failed') : null
}

function presentFailure(
  presenters: Presenters,
  code: string,
  { post, media }: PostFacts,
): NonNullable<Post['failure']> {
  const message = sentenceOf(code in errorCodes ? (code as ErrorCode) : 'media.failed')
  const failed = media.find(({ row }) => row.failure_code === code)
  const detail = failed && presenters.allowed(failed.row)
  return {
    code,
    message,
    ...(detail === undefined ? {} : { detail }),
    ...(post.removal_note ? { note: post.removal_note } : {}),
  }
}
