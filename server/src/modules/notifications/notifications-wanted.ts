import type { NotificationKind, SecurityHappening } from '@heliograph/contract/notifications'
import type { StoredEvent } from '#platform/events/events.ts'
import { bucketOf, type Id, idAt, inBucket, timeOf } from '#platform/ids/ids.ts'
import { nobody } from './notifications-tables.ts'

/** One notification as the rows that it tells of make it. */
export interface Wanted {
  userId: Id
  kind: NotificationKind
  actorId: Id
  targetId: Id
  postId: Id | null
  detail: string | null
  id: Id
}

/** Who did something to a post or to somebody, whether or not it still stands. */
export interface LikePair {
  postId: Id
  userId: Id
}
export interface CommentRef {
  postId: Id
  commentId: Id
}
export interface FollowPair {
  followerId: Id
  followedId: Id
}

export interface StandingLike extends LikePair {
  authorId: Id
  id: Id
}

export function wantedOfLike({ postId, userId, authorId, id }: StandingLike): Wanted[] {
  return wanted({ userId: authorId, kind: 'like', actorId: userId, targetId: postId, postId, id })
}

export interface StandingComment {
  id: Id
  postId: Id
  writerId: Id
  authorId: Id
  /** Of the comment that it answers. */
  parentAuthorId: Id | null
  mentionedIds: readonly Id[]
}

/** Everybody hears of a comment once: as what concerns them most. */
export function wantedOfComment(comment: StandingComment): Wanted[] {
  const { id, postId, writerId, authorId, parentAuthorId, mentionedIds } = comment
  const kinds = new Map<Id, NotificationKind>([[authorId, 'comment']])
  for (const mentioned of mentionedIds) kinds.set(mentioned, 'mention')
  if (parentAuthorId !== null) kinds.set(parentAuthorId, 'reply')
  return [...kinds].flatMap(([userId, kind]) =>
    wanted({ userId, kind, actorId: writerId, targetId: id, postId, id }),
  )
}

export interface StandingPost {
  id: Id
  authorId: Id
  mentionedIds: readonly Id[]
  /** When it was published. */
  feedId: Id | null
}

export function wantedOfPost({ id, authorId, mentionedIds, feedId }: StandingPost): Wanted[] {
  return mentionedIds.flatMap((userId) =>
    wanted({ userId, kind: 'mention', actorId: authorId, targetId: id, postId: id, id: feedId ?? id }),
  )
}

export interface StandingStory {
  id: Id
  authorId: Id
  mentionedIds: readonly Id[]
  publishedAt: Date
}

/** Told as long as it is out, and to those alone who may see it. */
export function wantedOfStory({ id: storyId, authorId, mentionedIds, publishedAt }: StandingStory): Wanted[] {
  const id = idAt(publishedAt.getTime(), bucketOf(storyId), 0, 0)
  return mentionedIds.flatMap((userId) =>
    wanted({ userId, kind: 'mention', actorId: authorId, targetId: storyId, id }),
  )
}

/** Those of one day are told together. */
export function wantedOfFollow({ followerId, followedId, id }: FollowPair & { id: Id }): Wanted[] {
  const day = String(Math.floor(timeOf(id) / 86_400_000))
  return wanted({ userId: followedId, kind: 'follow', actorId: followerId, targetId: day, id })
}

export function wantedOfRequest({ followerId, followedId, id }: FollowPair & { id: Id }): Wanted[] {
  return wanted({ userId: followedId, kind: 'request', actorId: followerId, targetId: followerId, id })
}

export function wantedOfAccepted({ followerId, followedId, id }: FollowPair & { id: Id }): Wanted[] {
  return wanted({ userId: followerId, kind: 'accepted', actorId: followedId, targetId: followedId, id })
}

/** Somebody wrote who is not followed; told until it is answered. */
export interface MessageRequest {
  userId: Id
  conversationId: Id
  senderId: Id
}

export function wantedOfMessageRequest({
  userId,
  conversationId,
  senderId,
  id,
}: MessageRequest & { id: Id }): Wanted[] {
  return wanted({ userId, kind: 'message_request', actorId: senderId, targetId: conversationId, id })
}

export interface StoryPair {
  storyId: Id
  userId: Id
}

export function wantedOfReaction({
  storyId,
  userId,
  authorId,
  id,
}: StoryPair & { authorId: Id; id: Id }): Wanted[] {
  return wanted({ userId: authorId, kind: 'story_reaction', actorId: userId, targetId: storyId, id })
}

export interface StandingReply {
  messageId: Id
  storyId: Id
  userId: Id
  senderId: Id
}

/** Each answer by itself: it is a message, and can be taken back. */
export function wantedOfStoryReply({ messageId, storyId, userId, senderId }: StandingReply): Wanted[] {
  return wanted({
    userId,
    kind: 'story_reply',
    actorId: senderId,
    targetId: messageId,
    detail: storyId,
    id: messageId,
  })
}

/** A post or Story that could not be prepared, and when that was known. */
export interface FailedRef {
  of: 'post' | 'story'
  targetId: Id
  id: Id
}

export function wantedOfFailed({
  of,
  targetId,
  authorId: userId,
  code,
  id,
}: FailedRef & { authorId: Id; code: string | null }): Wanted[] {
  const postId = of === 'post' ? targetId : null
  return wanted({ userId, kind: 'failed', actorId: nobody, targetId, postId, detail: code, id })
}

export interface StandingDecision {
  caseId: Id
  subject: string
  act: string
  authorId: Id
  postId: Id | null
  id: Id
}

/** That nothing was wrong is told to nobody: they would learn that somebody had thought so. */
export function wantedOfDecision(decision: StandingDecision): Wanted[] {
  const { caseId, subject, act, authorId, postId, id } = decision
  if (act === 'approve') return []
  const about = { userId: authorId, kind: 'decision' as const, actorId: nobody, targetId: caseId }
  return wanted({ ...about, postId, detail: `${subject} ${act}`, id })
}

export const securityKinds = [
  'accounts.signed_in_anew',
  'accounts.password_changed',
  'accounts.email_changed',
  'accounts.second_factor_changed',
  'accounts.second_step_failed',
  'accounts.stayed',
  'exports.asked',
  'exports.ready',
  'exports.failed',
  'verification.decided',
] as const

type SecurityEvent = { [K in (typeof securityKinds)[number]]: StoredEvent<K> }[(typeof securityKinds)[number]]

/** They stand in no other row: the event itself says it. */
export function wantedOfSecurity(event: SecurityEvent): Wanted[] {
  const { id } = event
  const detail = happeningOf(event)
  if (detail === null) return []
  const userId = event.kind === 'verification.decided' ? event.data.userId : event.subjectId
  return wanted({
    userId,
    kind: 'security',
    actorId: nobody,
    targetId: id,
    detail,
    id,
  })
}

const happenings = {
  granted: 'verified',
  refused: 'verification_refused',
  revoked: 'verification_revoked',
} as const

function happeningOf(event: SecurityEvent): SecurityHappening | null {
  switch (event.kind) {
    case 'accounts.second_factor_changed':
      return event.data.change
    case 'accounts.signed_in_anew':
      return 'signed_in_anew'
    case 'accounts.password_changed':
      return 'password_changed'
    case 'accounts.email_changed':
      return 'email_changed'
    case 'accounts.second_step_failed':
      return 'second_step_failed'
    case 'accounts.stayed':
      return 'stayed'
    case 'exports.asked':
      return 'export_asked'
    case 'exports.ready':
      return 'export_ready'
    case 'exports.failed':
      return 'export_failed'
    case 'verification.decided':
      return event.data.state ? happenings[event.data.state] : null
  }
}

/** Nobody is told of what they did themselves. */
function wanted(one: Omit<Wanted, 'postId' | 'detail'> & Partial<Wanted>): Wanted[] {
  if (one.userId === one.actorId) return []
  return [{ postId: null, detail: null, ...one, id: inBucket(one.id, bucketOf(one.userId)) }]
}
