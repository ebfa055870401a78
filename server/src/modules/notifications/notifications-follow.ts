import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { EventOf, Events, Following } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, compareIds, type Id, inBucket, timeOf } from '#platform/ids/ids.ts'
import { bringBehindMarks } from './notifications-late.ts'
import { findStanding, type Subjects } from './notifications-sources.ts'
import { type Applied, applyNotifications, type Gone } from './notifications-store.ts'
import { keptMs } from './notifications-upkeep.ts'
import {
  type CommentRef,
  type FailedRef,
  type FollowPair,
  type LikePair,
  type MessageRequest,
  type StoryPair,
  securityKinds,
  type Wanted,
  wantedOfSecurity,
} from './notifications-wanted.ts'
import { findReachable } from './push/push-subscriptions.ts'

interface Deps {
  database: Database
  events: Events
  ids: Pick<IdSource, 'next'>
  clock: Clock
}

export const followedKinds = [
  'likes.created',
  'likes.deleted',
  'comments.created',
  'comments.held',
  'comments.deleted',
  'posts.published',
  'posts.updated',
  'graph.followed',
  'graph.unfollowed',
  'graph.requested',
  'graph.request_ended',
  'moderation.decided',
  'messages.sent',
  'messages.changed',
  'conversations.changed',
  'inbox.changed',
  'stories.reacted',
  'stories.published',
  'posts.failed',
  'posts.retried',
  'stories.failed',
  ...securityKinds,
] as const
export type Followed = EventOf<(typeof followedKinds)[number]>

/** The list follows from events; each is looked up as it stands now, so running twice or in another order ends the same. */
export function followForNotifications(deps: Deps): Following {
  const { database, events } = deps
  const following = events.follow('notifications', followedKinds, (batch) =>
    database.transaction(async (tx) => {
      await following.lock(tx)
      await takeIn(deps, tx, batch)
    }),
  )
  return following
}

export async function takeIn(deps: Deps, tx: Tx, batch: readonly Followed[]): Promise<Applied> {
  const { subjects, wanted, gone, answered, heard } = readEvents(batch)
  const told = await findToldRequests(tx, answered)
  const messageRequests = [...(subjects.messageRequests ?? []), ...told]
  for (const { userId, conversationId } of messageRequests)
    gone.push({ userId, kind: 'message_request', targetId: conversationId })
  const found = await findStanding(tx, { ...subjects, messageRequests })
  const standing = [...found.map((one) => asHeard(one, heard)), ...wanted]
  const news = await bringBehindMarks(deps, tx, uniqueOf(standing))
  const applied = await applyNotifications(deps, tx, news, gone)
  await announce(deps, tx, applied)
  return applied
}

/**
 * A comment that was let out by somebody, and a mention that came with an edit, are news of that moment, however long ago the
 * words were first written: at their old place whoever has looked since would never learn of them.
 */
function asHeard(one: Wanted, heard: ReadonlyMap<Id, Id>): Wanted {
  const id = saidLater.has(one.kind) ? heard.get(one.targetId) : undefined
  const later = id === undefined ? 0 : timeOf(id) - timeOf(one.id)
  // Of what is older it is not known whether it was told before: that is forgotten by now.
  if (id === undefined || later < laterMs || later >= keptMs) return one
  return { ...one, id: inBucket(id, bucketOf(one.userId)) }
}

/** Sooner is the moment in which it was written. */
const laterMs = 60_000
const saidLater: ReadonlySet<Wanted['kind']> = new Set(['comment', 'reply', 'mention'])

async function findToldRequests(
  tx: Tx,
  answered: readonly Pick<MessageRequest, 'userId' | 'conversationId'>[],
): Promise<MessageRequest[]> {
  if (answered.length === 0) return []
  const found = await sql<{ user_id: Id; target_id: Id; actor_id: Id }>`
    select distinct n.user_id, n.target_id, n.actor_id
    from unnest(${answered.map(({ userId }) => bucketOf(userId))}::smallint[],
      ${answered.map(({ userId }) => userId)}::bigint[], ${answered.map(({ conversationId }) => conversationId)}::bigint[])
      as w(bucket, user_id, target_id)
    join notifications n on n.bucket = w.bucket and n.user_id = w.user_id and n.kind = 'message_request'
      and n.target_id = w.target_id
  `.execute(tx)
  return found.rows.map((row) => ({
    userId: row.user_id,
    conversationId: row.target_id,
    senderId: row.actor_id,
  }))
}

/** Whoever has a browser that asked is pushed to, by a job each. */
export async function announce(
  { events }: Pick<Deps, 'events'>,
  tx: Tx,
  { added, changed }: { added: ReadonlySet<Id>; changed: ReadonlySet<Id> },
): Promise<void> {
  const reachable = await findReachable(tx, [...added])
  await events.emitAll(
    tx,
    [...changed].map((id) => ({
      kind: 'notifications.changed' as const,
      bucket: bucketOf(id),
      subjectId: id,
      data: { push: reachable.has(id) },
    })),
  )
}

interface Read {
  subjects: Subjects
  /** What stands in no other row than the event. */
  wanted: Wanted[]
  gone: Gone[]
  /** Conversations in which a request may have been answered. */
  answered: Pick<MessageRequest, 'userId' | 'conversationId'>[]
  /** The newest event of each post and comment. */
  heard: Map<Id, Id>
}

function readEvents(batch: readonly Followed[]): Read {
  const likes = new Map<string, LikePair>()
  const comments = new Map<Id, CommentRef>()
  const posts = new Set<Id>()
  const follows = new Map<string, FollowPair>()
  const requests = new Map<string, FollowPair>()
  const accepted = new Map<string, FollowPair>()
  const decisions = new Set<Id>()
  const messageRequests = new Map<string, MessageRequest>()
  const reactions = new Map<string, StoryPair>()
  const stories = new Set<Id>()
  const storyReplies = new Set<Id>()
  const failed = new Map<Id, FailedRef>()
  const wanted: Wanted[] = []
  const answered: Pick<MessageRequest, 'userId' | 'conversationId'>[] = []
  const gone: Gone[] = []
  const heard = new Map<Id, Id>()
  const hear = (targetId: Id, id: Id) => {
    const before = heard.get(targetId)
    if (before === undefined || compareIds(id, before) > 0) heard.set(targetId, id)
  }
  const pair = ({ followerId, followedId }: FollowPair) => ({ followerId, followedId })
  const named = ({ followerId, followedId }: FollowPair) => `${followerId} ${followedId}`

  for (const event of batch)
    switch (event.kind) {
      case 'likes.created':
      case 'likes.deleted': {
        const { postId, userId, authorId } = event.data
        likes.set(`${postId} ${userId}`, { postId, userId })
        if (event.kind === 'likes.deleted')
          gone.push({ userId: authorId, kind: 'like', actorId: userId, targetId: postId })
        break
      }
      case 'comments.created':
      case 'comments.held':
      case 'comments.deleted': {
        const { postId, commentId, authorId } = event.data
        comments.set(commentId, { postId, commentId })
        hear(commentId, event.id)
        if (event.kind !== 'comments.created')
          for (const kind of ['comment', 'reply'] as const)
            gone.push({ userId: authorId, kind, targetId: commentId })
        break
      }
      case 'posts.published':
      case 'posts.updated':
        posts.add(event.data.postId)
        hear(event.data.postId, event.id)
        break
      case 'graph.followed': {
        const { followerId, followedId } = event.data
        follows.set(named(event.data), pair(event.data))
        if (event.data.wasRequest) accepted.set(named(event.data), pair(event.data))
        gone.push({ userId: followedId, kind: 'request', actorId: followerId, targetId: followerId })
        break
      }
      case 'graph.unfollowed': {
        const { followerId, followedId } = event.data
        follows.set(named(event.data), pair(event.data))
        gone.push(
          { userId: followedId, kind: 'follow', actorId: followerId },
          { userId: followerId, kind: 'accepted', actorId: followedId, targetId: followedId },
        )
        break
      }
      case 'graph.requested':
      case 'graph.request_ended': {
        const { followerId, followedId } = event.data
        requests.set(named(event.data), pair(event.data))
        gone.push({ userId: followedId, kind: 'request', actorId: followerId, targetId: followerId })
        break
      }
      case 'moderation.decided':
        decisions.add(event.data.caseId)
        break
      case 'messages.sent': {
        const { requestedOf, conversationId, senderId, messageId, repliedStoryId } = event.data
        if (repliedStoryId !== null) storyReplies.add(messageId)
        for (const userId of requestedOf)
          messageRequests.set(`${userId} ${conversationId} ${senderId}`, { userId, conversationId, senderId })
        break
      }
      case 'messages.changed': {
        const { what, messageId, senderId, memberIds } = event.data
        if (what !== 'unsent') break
        storyReplies.add(messageId)
        for (const userId of memberIds)
          if (userId !== senderId) gone.push({ userId, kind: 'story_reply', targetId: messageId })
        break
      }
      // Whether one that was told of still waits; who wrote it stands in what was told.
      case 'conversations.changed':
        for (const userId of [...event.data.memberIds, ...event.data.goneIds])
          answered.push({ userId, conversationId: event.data.conversationId })
        break
      case 'inbox.changed':
        answered.push(event.data)
        break
      case 'stories.reacted': {
        const { storyId, authorId, userId } = event.data
        reactions.set(`${storyId} ${userId}`, { storyId, userId })
        gone.push({ userId: authorId, kind: 'story_reaction', actorId: userId, targetId: storyId })
        break
      }
      case 'stories.published':
        if (event.data.mentionedIds.length > 0) stories.add(event.data.storyId)
        break
      case 'posts.failed':
        failed.set(event.data.postId, { of: 'post', targetId: event.data.postId, id: event.id })
        break
      case 'stories.failed':
        failed.set(event.data.storyId, { of: 'story', targetId: event.data.storyId, id: event.id })
        break
      // Should it fail once more it is told once more.
      case 'posts.retried':
        gone.push({ userId: event.data.authorId, kind: 'failed', targetId: event.data.postId })
        break
      default:
        wanted.push(...wantedOfSecurity(event))
    }
  const subjects = {
    likes: [...likes.values()],
    comments: [...comments.values()],
    posts: [...posts],
    follows: [...follows.values()],
    requests: [...requests.values()],
    accepted: [...accepted.values()],
    decisions: [...decisions],
    messageRequests: [...messageRequests.values()],
    reactions: [...reactions.values()],
    stories: [...stories],
    storyReplies: [...storyReplies],
    failed: [...failed.values()],
  }
  return { subjects, wanted, gone, answered, heard }
}

/** One statement inserts a row once. */
export function uniqueOf(standing: readonly Wanted[]): Wanted[] {
  return [
    ...new Map(
      standing.map((one) => [`${one.userId} ${one.kind} ${one.actorId} ${one.targetId}`, one]),
    ).values(),
  ]
}
