import { z } from 'zod'
import { Id } from './common.ts'
import { UnreadCounts } from './notifications.ts'
import { PostStatus } from './posts.ts'

/** Of one word on `/api/live`, for one account: opaque, to be handed back as `after` when connecting again. */
export const LiveId = z.string().regex(/^[\w-]{8}\.\d{1,15}$/)
export type LiveId = z.output<typeof LiveId>

/**
 * What `/api/live` sends. Each is a hint to read again over REST: a lost one loses nothing.
 * The server sends no event about a thing that the receiver may not see.
 */
export const LiveEvent = z.discriminatedUnion('type', [
  /** First on every connection. Who connected with `after` gets next what was missed, or one `resync`. */
  z.object({ type: z.literal('hello') }),
  /** Some words are gone: read again whatever is shown. */
  z.object({ type: z.literal('resync') }),
  /** The answer to `ping`. */
  z.object({ type: z.literal('pong') }),
  /** A followed account, or the viewer, published. */
  z.object({ type: z.literal('feed.post'), postId: Id, authorId: Id }),
  /** State of one's own post changed. */
  z.object({ type: z.literal('post.status'), postId: Id, status: PostStatus }),
  /** How far one's own post with a video has come, from 0 to 1; at most once a second. */
  z.object({ type: z.literal('post.progress'), postId: Id, progress: z.number().min(0).max(1) }),
  /** Counts of one's own post changed; of a busy post at most four times a second. */
  z.object({
    type: z.literal('post.counts'),
    postId: Id,
    likeCount: z.number().int(),
    commentCount: z.number().int(),
    shareCount: z.number().int(),
  }),
  /** A post left the viewer's sight, or was deleted. */
  z.object({ type: z.literal('post.gone'), postId: Id }),
  /** An account's posts may have left the viewer's sight. */
  z.object({ type: z.literal('author.gone'), authorId: Id }),
  /** Of a person in the viewer's tray, or of the viewer: one came, went or is another now. */
  z.object({ type: z.literal('stories.changed'), authorId: Id }),
  /** The viewer saw one of this person's Stories, on whatever device. */
  z.object({ type: z.literal('story.seen'), authorId: Id }),
  /** State of one's own Story changed. */
  z.object({ type: z.literal('story.status'), storyId: Id, status: PostStatus }),
  /** How many have seen one's own Story; of a busy one at most four times a second. The same number again: one of them has reacted. */
  z.object({ type: z.literal('story.views'), storyId: Id, viewCount: z.number().int() }),
  /** The viewer's own relationship or requests changed. */
  z.object({ type: z.literal('graph.changed') }),
  /** The viewer's picture or profile changed. */
  z.object({ type: z.literal('me.changed') }),
  /** Something new in a conversation of the viewer: ask for what is after the version one has. */
  z.object({ type: z.literal('message.new'), conversationId: Id, sequence: z.number().int() }),
  /** A message was edited, taken back or reacted to. */
  z.object({ type: z.literal('message.changed'), conversationId: Id, version: z.number().int() }),
  /** Its members, its name, or how it stands in the viewer's list. */
  z.object({ type: z.literal('conversation.changed'), conversationId: Id, version: z.number().int() }),
  /** Somebody has read up to there. */
  z.object({
    type: z.literal('conversation.read'),
    conversationId: Id,
    userId: Id,
    sequence: z.number().int(),
  }),
  /** Somebody is writing, now. */
  z.object({ type: z.literal('typing'), conversationId: Id, userId: Id }),
  /** Conversations with something unread, and requests, of the viewer. */
  z.object({
    type: z.literal('inbox.changed'),
    unreadCount: z.number().int(),
    requestCount: z.number().int(),
  }),
  /** Something is new in the viewer's notifications, was looked at elsewhere, or is gone. */
  z.object({ type: z.literal('notifications.changed'), ...UnreadCounts }),
  /** The session ended; the socket closes. */
  z.object({ type: z.literal('session.ended') }),
])
export type LiveEvent = z.output<typeof LiveEvent>

/** As it comes over the wire. What says nothing about where the client is (`pong`, `session.ended`) has no id. */
export const LiveMessage = z.intersection(LiveEvent, z.object({ id: LiveId.optional() }))
export type LiveMessage = z.output<typeof LiveMessage>

/** All that a client may say. A page cannot see the pings of the protocol, so it asks by itself whether anybody is there. */
export const LiveRequest = z.strictObject({ type: z.literal('ping') })
export type LiveRequest = z.output<typeof LiveRequest>
