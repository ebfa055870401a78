import type { Notification } from '@heliograph/contract/notifications'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { EventKind, Events } from '#platform/events/events.ts'
import type { RawJson } from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import type { PageOfNotifications } from './notifications-list.ts'
import type { UnreadCounts } from './notifications-view.ts'

/** The beginning of somebody's list, ready to be sent. */
interface Board extends UnreadCounts {
  ownerId: Id
  items: readonly RawJson[]
  positions: readonly (readonly string[])[]
  hasMore: boolean
  /** Everybody and everything that it depends on, shown or left out. */
  about: ReadonlySet<Id>
  /** From then on its addresses are others, or a Story in it has ended. */
  freshUntil: number
  /** Something of it changed while it was read. */
  isOutdated: boolean
}

export interface Beginning extends UnreadCounts {
  items: readonly RawJson[]
  nextPosition: readonly string[] | null
}

export interface Boards {
  /** As many as there are on one page; from memory without waiting where it is there. */
  beginning(viewer: { id: Id }, limit: number): Soon<Beginning>
}

/** Rows of a page as it is asked for most. */
export const boardRows = 20
/** Ids that all boards together may depend on: some 60 MB. */
const keptIds = 500_000

interface Deps {
  coherence: Pick<Coherence, 'createKept'>
  events: Events
  clock: Clock
  read(viewer: { id: Id }): Promise<UnreadCounts & { page: PageOfNotifications; about: Set<Id> }>
  /** Milliseconds; see media. */
  addressesChangeAt(isPublic: boolean, now: number): number
}

/**
 * Kept while nothing that it depends on changes: its owner, the people in it, posts, Stories. What takes sight away drops it
 * before it is answered, as everything else that is kept.
 */
export function createBoards({ coherence, events, clock, read, addressesChangeAt }: Deps): Boards {
  /** By what they depend on, whose boards do. */
  const owners = new Map<Id, Set<Id>>()
  const loading = new Set<Set<Id>>()

  const kept = coherence.createKept<Id, Board>({
    name: 'notifications',
    max: keptIds,
    weigh: ({ about, items }) => about.size + items.length * 20,
    onGone: forget,
    load: async (ids) => new Map(await Promise.all(ids.map(async (id) => [id, await load(id)] as const))),
  })

  async function load(ownerId: Id): Promise<Board> {
    const touched = new Set<Id>()
    loading.add(touched)
    try {
      const now = clock.now()
      const { page, unreadCount, unreadMessages, about, endsAt } = await read({ id: ownerId })
      const board: Board = {
        ownerId,
        items: page.items.map(jsonOf),
        positions: page.positions,
        hasMore: page.nextPosition !== null,
        unreadCount,
        unreadMessages,
        endsAt,
        about,
        freshUntil: Math.min(addressesChangeAt(false, now), page.endsAt, endsAt),
        isOutdated: !about.isDisjointFrom(touched),
      }
      for (const id of about) {
        const known = owners.get(id)
        if (known) known.add(ownerId)
        else owners.set(id, new Set([ownerId]))
      }
      return board
    } finally {
      loading.delete(touched)
    }
  }

  function forget({ ownerId, about }: Board): void {
    for (const id of about) {
      const known = owners.get(id)
      known?.delete(ownerId)
      if (known?.size === 0) owners.delete(id)
    }
  }

  /** A person whose own list it is, or somebody or something in others' lists. */
  function touch(...ids: (Id | null | undefined)[]): void {
    for (const id of ids) {
      if (id === null || id === undefined) continue
      for (const touched of loading) touched.add(id)
      kept.drop(id)
      for (const ownerId of [...(owners.get(id) ?? [])]) kept.drop(ownerId)
    }
  }

  dropOnEvents(events, touch)

  const cut = (board: Board, limit: number): Beginning => ({
    items: board.items.slice(0, limit),
    nextPosition:
      board.items.length > limit || board.hasMore
        ? (board.positions[Math.min(limit, board.items.length) - 1] ?? null)
        : null,
    unreadCount: board.unreadCount,
    unreadMessages: board.unreadMessages,
    endsAt: board.endsAt,
  })
  const isGood = (board: Board | undefined): board is Board =>
    board !== undefined && !board.isOutdated && clock.now() < board.freshUntil

  return {
    beginning(viewer, limit) {
      const there = kept.peek(viewer.id)
      if (isGood(there)) return cut(there, limit)
      if (there) kept.drop(viewer.id)
      // One that is outdated as it comes shows what was there when it was asked for.
      return whenThere(kept.get(viewer.id), async (board) => cut(board ?? (await load(viewer.id)), limit))
    },
  }
}

function jsonOf(item: Notification): RawJson {
  return [Buffer.from(JSON.stringify(item))]
}

const ofAccounts = [
  'accounts.profile_changed',
  'accounts.privacy_changed',
  'accounts.state_changed',
  'accounts.sight_ended',
  'accounts.preferences_changed',
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

function dropOnEvents(events: Events, touch: (...ids: (Id | null | undefined)[]) => void): void {
  for (const kind of ofAccounts) events.on(kind, ({ subjectId }) => touch(subjectId))
  for (const kind of ofPosts) events.on(kind, ({ data }) => touch(data.postId))
  events.on('notifications.changed', ({ subjectId }) => touch(subjectId))
  for (const kind of ['media.ready', 'media.failed'] as const)
    events.on(kind, ({ data }) => touch(data.postId))
  // How two people stand to each other is in the lists of both.
  for (const kind of [
    'graph.followed',
    'graph.unfollowed',
    'graph.requested',
    'graph.request_ended',
  ] as const)
    events.on(kind, ({ data }) => touch(data.followerId, data.followedId))
  for (const kind of ['graph.blocked', 'graph.unblocked'] as const)
    events.on(kind, ({ data }) => touch(data.blockerId, data.blockedId))
  for (const kind of ['graph.muted', 'graph.unmuted'] as const)
    events.on(kind, ({ data }) => touch(data.muterId))
  for (const kind of ['graph.restricted', 'graph.unrestricted'] as const)
    events.on(kind, ({ data }) => touch(data.restricterId))
  for (const kind of ['graph.favourite_added', 'graph.favourite_removed'] as const)
    events.on(kind, ({ data }) => touch(data.userId))
  for (const kind of ['graph.close_friend_added', 'graph.close_friend_removed'] as const)
    events.on(kind, ({ data }) => touch(data.userId, data.friendId))
  for (const kind of ['graph.story_hidden', 'graph.story_unhidden'] as const)
    events.on(kind, ({ data }) => touch(data.hiddenId))
  // Of answers to Stories: what they say, and whether their reader still finds them.
  events.on('messages.changed', ({ data }) => touch(data.messageId))
  events.on('conversations.changed', ({ data }) => touch(data.conversationId))
  events.on('conversations.read', ({ data }) => {
    if (data.hadStoryReplies) touch(data.conversationId)
  })
  events.on('inbox.changed', ({ data }) => touch(data.conversationId))
  for (const kind of [
    'stories.published',
    'stories.failed',
    'stories.deleted',
    'stories.removed',
    'stories.in_review',
    // With another sign than before: that is nothing new, and looks different.
    'stories.reacted',
  ] as const)
    events.on(kind, ({ data }) => touch(data.storyId))
}
