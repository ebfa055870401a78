import type { Interaction } from '#modules/ranking'
import type { EventOf } from '#platform/events/events.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'

export const followedKinds = [
  'likes.created',
  'likes.deleted',
  'saves.created',
  'saves.deleted',
  'comments.created',
  'comments.waiting',
  'comments.deleted',
  'shares.created',
  'graph.followed',
  'graph.unfollowed',
  'messages.sent',
  'stories.seen',
  'stories.reacted',
  'graph.blocked',
  'posts.deleted',
] as const
export type Followed = EventOf<(typeof followedKinds)[number]>

/** Somebody did something to somebody’s post, or to somebody. */
export interface Act {
  actorId: Id
  /** Whose post it is, or who is followed; null: the post tells. */
  personId: Id | null
  postId: Id | null
  interaction: Extract<
    Interaction,
    'like' | 'save' | 'comment' | 'share' | 'follow' | 'message' | 'story_view' | 'story_reaction'
  >
  /** Of the event. */
  at: number
  /** Which comment was written. */
  commentId?: Id
  /** Unliked, unsaved, unfollowed, the last of one’s comments taken away. */
  undone: boolean
}

/** What an event tells. Whether it still stands is asked elsewhere: events come in any order, and late. */
export function actsOf(event: Followed): Act[] {
  const at = timeOf(event.id)
  const act = (
    interaction: Act['interaction'],
    data: { postId: Id; authorId?: Id; userId: Id; commentId?: Id },
    undone = false,
  ): Act => ({
    actorId: data.userId,
    personId: data.authorId ?? null,
    postId: data.postId,
    interaction,
    at,
    ...(data.commentId !== undefined && { commentId: data.commentId }),
    undone,
  })
  const toPerson = (interaction: Act['interaction'], actorId: Id, personId: Id, undone = false): Act => ({
    actorId,
    personId,
    postId: null,
    interaction,
    at,
    undone,
  })
  switch (event.kind) {
    case 'likes.created':
      return [act('like', event.data)]
    case 'likes.deleted':
      return [act('like', event.data, true)]
    case 'saves.created':
      return [act('save', event.data)]
    case 'saves.deleted':
      return [act('save', event.data, true)]
    case 'comments.waiting':
      // What is kept of them tells its author as little as everything else does that it waits, or was approved.
      return [act('comment', event.data)]
    case 'comments.created':
      return event.data.hasWaited ? [] : [act('comment', event.data)]
    case 'comments.deleted':
      return (event.data.goneIds ?? []).map((userId) => act('comment', { ...event.data, userId }, true))
    case 'shares.created':
      return [act('share', event.data)]
    case 'graph.followed':
      return [toPerson('follow', event.data.followerId, event.data.followedId)]
    case 'graph.unfollowed':
      return [toPerson('follow', event.data.followerId, event.data.followedId, true)]
    case 'messages.sent': {
      const { kind, senderId, memberIds, requestedOf } = event.data
      const [otherId] = memberIds.filter((id) => id !== senderId)
      // Of groups, and of what nobody asked for, nothing follows.
      if (kind !== 'direct' || otherId === undefined || requestedOf.length > 0) return []
      return [toPerson('message', senderId, otherId)]
    }
    // Which Story it was is not kept: it is gone tomorrow.
    case 'stories.seen':
      return event.data.viewerIds.map((viewerId) => toPerson('story_view', viewerId, event.data.authorId))
    case 'stories.reacted':
      return event.data.emoji === null
        ? []
        : [toPerson('story_reaction', event.data.userId, event.data.authorId)]
    default:
      return []
  }
}
