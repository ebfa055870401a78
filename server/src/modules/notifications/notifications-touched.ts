import type { EventKind, Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'

const ofAccounts = [
  'accounts.privacy_changed',
  'accounts.state_changed',
  'accounts.sight_ended',
] as const satisfies readonly EventKind[]
const ofPosts = [
  'posts.published',
  'posts.failed',
  'posts.retried',
  'posts.in_review',
  'posts.removed',
  'posts.updated',
  'posts.deleted',
  'comments.held',
  'comments.deleted',
] as const satisfies readonly EventKind[]

/** What events say of lists and numbers that are kept. */
interface Touched {
  /** These people's own lists look different; their numbers are told by whoever knows. */
  list(...userIds: Id[]): void
  /** These people's own lists, and nobody else's. */
  own(...userIds: Id[]): void
  /** Somebody or something in lists, which may count no longer or again; or whose list it is. */
  about(...ids: Id[]): void
  /** As `about`, where no number can be another. */
  looks(...ids: Id[]): void
}

export function followTouched(events: Events, { list, own, about, looks }: Touched): void {
  for (const kind of ofAccounts) events.on(kind, ({ subjectId }) => about(subjectId))
  for (const kind of ofPosts) events.on(kind, ({ data }) => about(data.postId))
  for (const kind of ['accounts.profile_changed', 'accounts.preferences_changed'] as const)
    events.on(kind, ({ subjectId }) => looks(subjectId))
  events.on('notifications.changed', ({ subjectId }) => list(subjectId))
  for (const kind of ['media.ready', 'media.failed'] as const)
    events.on(kind, ({ data }) => {
      if (data.postId) looks(data.postId)
    })
  // How two people stand to each other is in the lists of both.
  for (const kind of [
    'graph.followed',
    'graph.unfollowed',
    'graph.requested',
    'graph.request_ended',
  ] as const)
    events.on(kind, ({ data }) => list(data.followerId, data.followedId))
  for (const kind of ['graph.blocked', 'graph.unblocked'] as const)
    events.on(kind, ({ data }) => own(data.blockerId, data.blockedId))
  for (const kind of ['graph.muted', 'graph.unmuted'] as const)
    events.on(kind, ({ data }) => list(data.muterId))
  for (const kind of ['graph.restricted', 'graph.unrestricted'] as const)
    events.on(kind, ({ data }) => own(data.restricterId))
  for (const kind of ['graph.favourite_added', 'graph.favourite_removed'] as const)
    events.on(kind, ({ data }) => list(data.userId))
  // Told a number in that moment they would learn what they must not: that somebody put them on a list, or took them off one.
  for (const kind of ['graph.close_friend_added', 'graph.close_friend_removed'] as const)
    events.on(kind, ({ data }) => list(data.userId, data.friendId))
  for (const kind of ['graph.story_hidden', 'graph.story_unhidden'] as const)
    events.on(kind, ({ data }) => list(data.hiddenId))
  // Of answers to Stories: what they say, and whether their reader still finds them.
  events.on('messages.changed', ({ data }) => about(data.messageId))
  // A list names its conversations only while what they hold is found: one that was accepted comes back into it.
  events.on('conversations.changed', ({ data: { conversationId, memberIds, goneIds } }) => {
    own(...memberIds, ...goneIds)
    about(conversationId)
  })
  events.on('conversations.read', ({ data }) => {
    if (data.hadStoryReplies) about(data.conversationId)
  })
  events.on('inbox.changed', ({ data }) => {
    list(data.userId)
    about(data.conversationId)
  })
  for (const kind of [
    'stories.published',
    'stories.failed',
    'stories.deleted',
    'stories.removed',
    'stories.in_review',
    // With another sign than before: that is nothing new, and looks different.
    'stories.reacted',
  ] as const)
    events.on(kind, ({ data }) => about(data.storyId))
}
