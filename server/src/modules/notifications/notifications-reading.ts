import type { NotificationKind } from '@heliograph/contract/notifications'
import type { NotificationChoices } from '@heliograph/contract/preferences'
import type { Story } from '@heliograph/contract/stories'
import type { AccountRow, AccountsApi } from '#modules/accounts'
import { canSee, type GraphApi, type Sight } from '#modules/graph'
import type { FindStoryReplies, StoryReply } from '#modules/messages'
import type { CommentNotice, PostNotice, PostsApi } from '#modules/posts'
import type { StoriesApi } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import {
  countActors,
  findMembers,
  type GroupRow,
  groupName,
  type MemberRow,
} from './notifications-repository.ts'
import { nobody } from './notifications-tables.ts'

/** One group as this viewer may see it now. */
export interface Told {
  group: GroupRow
  /** Whom the viewer may see, the latest first. */
  people: AccountRow[]
  peopleCount: number
  /** Of the newest that may be seen. */
  latestId: Id
  post: PostNotice | undefined
  comment: CommentNotice | undefined
  story: Story | undefined
  reply: StoryReply | undefined
}

export interface ReadingDeps {
  database: Database
  accounts: Pick<AccountsApi, 'findByIds' | 'notificationSettingsOf'>
  graph: Pick<GraphApi, 'loadSight' | 'relationsOf'>
  posts: Pick<PostsApi, 'noticesOf'>
  stories: Pick<StoriesApi, 'present'>
  storyReplies: FindStoryReplies
  clock: Clock
}

/** What the viewer may no longer see is left out here, whatever the rows say. */
export type LookAtGroups = (viewer: { id: Id }, groups: readonly GroupRow[]) => Promise<Looked>

export interface Looked {
  told: Told[]
  /** Everybody and everything that was asked about, told or not. */
  about: Set<Id>
  /** Milliseconds: a Story in it ends then by the clock, which no event tells. */
  endsAt: number
}

/** Those of one group whose names and sight are looked at; beyond, only blocks are counted out. */
const membersLookedAt = 50
/** Of a group whose newest are all hidden. */
const membersSearched = 1000

export function createLook(deps: ReadingDeps): LookAtGroups {
  const { database, accounts, graph, posts, stories, storyReplies, clock } = deps
  const { main } = database

  async function loadPeople(viewer: { id: Id }, members: Iterable<MemberRow[]>) {
    const ids = [...new Set([...members].flat().map(({ actor_id }) => actor_id))].filter(
      (id) => id !== nobody,
    )
    const [rows, sight] = await Promise.all([accounts.findByIds(ids), graph.loadSight(viewer, ids)])
    return { rows, sight }
  }

  /** Of large groups: whom a block hides stands in no count, however long ago they did it. */
  async function hiddenFurtherBack(viewer: { id: Id }, groups: readonly GroupRow[]) {
    const large = groups.filter(({ member_count }) => member_count > membersLookedAt)
    if (large.length === 0) return new Map<string, number>()
    const { blocking, blockedBy } = await graph.relationsOf(viewer.id)
    return await countActors(main, viewer.id, large, [...(blocking ?? []), ...(blockedBy ?? [])])
  }

  return async (viewer, all) => {
    const about = new Set(
      all.flatMap((group) => [
        group.post_id ?? group.target_id,
        group.target_id,
        storyIdOf(group) ?? group.target_id,
      ]),
    )
    if (all.length === 0) return { told: [], about, endsAt: Number.POSITIVE_INFINITY }
    const settings = (await accounts.notificationSettingsOf([viewer.id])).get(viewer.id)
    const choices = settings?.notifications
    const groups = all.filter(({ kind }) => wishOf(choices, kind) !== 'off')
    const [members, hidden, shownStories, replies, notices] = await Promise.all([
      findMembers(main, viewer.id, groups, membersLookedAt),
      hiddenFurtherBack(viewer, groups),
      stories.present(
        viewer.id,
        groups.flatMap((group) => storyIdOf(group) ?? []),
      ),
      storyReplies(
        viewer,
        groups.flatMap(({ kind, target_id }) => (kind === 'story_reply' ? [target_id] : [])),
      ),
      posts.noticesOf(viewer, {
        postIds: groups.flatMap(({ post_id }) => post_id ?? []),
        comments: groups.flatMap(({ kind, target_id, post_id }) =>
          post_id !== null && target_id !== post_id && isAboutComment(kind)
            ? [{ postId: post_id, commentId: target_id }]
            : [],
        ),
      }),
    ])
    const people = await loadPeople(viewer, members.values())
    for (const { conversationId } of replies.values()) about.add(conversationId)
    // Whose post it is decides who sees what was said below it.
    for (const { authorId } of notices.posts.values()) about.add(authorId)
    const noteAll = (found: Iterable<MemberRow[]>) => {
      for (const rows of found) for (const { actor_id } of rows) about.add(actor_id)
    }
    noteAll(members.values())

    const tell = (
      group: GroupRow,
      found: readonly MemberRow[],
      { rows, sight }: typeof people,
    ): Told | undefined => {
      const [post, comment] = [notices.posts.get(group.post_id ?? ''), notices.comments.get(group.target_id)]
      const story = shownStories.get(storyIdOf(group) ?? '')
      const reply = replies.get(group.target_id)
      if (!stands(viewer, group, { post, comment, story, reply })) return undefined
      const named = found.filter(({ actor_id }) => actor_id !== nobody)
      const seen = named.filter(({ actor_id }) => isTold(sight, actor_id, wishOf(choices, group.kind)))
      if (named.length > 0 && seen.length === 0) return undefined
      const isWhole = found.length >= group.member_count
      const others =
        group.member_count - Math.max(named.length - seen.length, hidden.get(groupName(group)) ?? 0)
      const isCounted = isWhole || wishOf(choices, group.kind) !== 'following'
      return {
        group,
        people: seen.flatMap(({ actor_id }) => rows.get(actor_id) ?? []),
        peopleCount: named.length === 0 ? 0 : isCounted ? Math.max(others, seen.length) : seen.length,
        latestId: (seen[0] ?? found[0])?.id ?? group.latest_id,
        post,
        comment,
        story,
        reply,
      }
    }

    const told: Told[] = []
    for (const group of groups) {
      const found = members.get(groupName(group)) ?? []
      const one = tell(group, found, people)
      if (one) told.push(one)
      else if (group.member_count > found.length) {
        const more = await findMembers(main, viewer.id, [group], membersSearched)
        noteAll(more.values())
        const late = tell(group, more.get(groupName(group)) ?? [], await loadPeople(viewer, more.values()))
        if (late) told.push(late)
      }
    }
    const ends = [...shownStories.values()].map(({ expiresAt }) => Date.parse(expiresAt))
    // Of one that is kept, and shown after its end, the addresses are renewed by the hour like others.
    return { told, about, endsAt: Math.min(...ends.filter((at) => at > clock.now())) }
  }
}

function isTold(sight: Sight, actorId: Id, wish: NotificationChoices['likes']): boolean {
  const facts = sight.authors.get(actorId)
  // Whose profile can still be opened to unblock them is not told of.
  if (!facts || facts.blocking || !canSee(sight, { kind: 'profile', authorId: actorId })) return false
  return wish === 'everyone' || facts.following
}

/** What it tells of is still there, and still says so. */
function stands(
  viewer: { id: Id },
  { kind, target_id, post_id }: GroupRow,
  { post, comment, story, reply }: Pick<Told, 'post' | 'comment' | 'story' | 'reply'>,
): boolean {
  switch (kind) {
    case 'like':
      return post !== undefined && post.authorId === viewer.id
    case 'comment':
    case 'reply':
      return comment !== undefined
    case 'mention':
      if (story) return isOn(story, viewer)
      return (target_id === post_id ? post : comment)?.mentionedIds.has(viewer.id) ?? false
    case 'failed':
      return post ? post.isFailed && post.authorId === viewer.id : story?.status === 'failed'
    case 'story_reaction':
      return story?.author.id === viewer.id
    // It outlives the Story, as the message does.
    case 'story_reply':
      return reply !== undefined
    default:
      return true
  }
}

function isOn({ overlays }: Story, viewer: { id: Id }): boolean {
  return overlays.some((overlay) => overlay.kind === 'mention' && overlay.userId === viewer.id)
}

function storyIdOf({ kind, target_id, post_id, detail }: GroupRow): Id | null {
  if (kind === 'story_reply') return detail
  return kind === 'story_reaction' || ((kind === 'mention' || kind === 'failed') && post_id === null)
    ? target_id
    : null
}

function isAboutComment(kind: NotificationKind): boolean {
  return kind === 'comment' || kind === 'reply' || kind === 'mention'
}

function wishOf(
  choices: NotificationChoices | undefined,
  kind: NotificationKind,
): NotificationChoices['likes'] {
  const wishes = {
    like: 'likes',
    comment: 'comments',
    reply: 'comments',
    mention: 'mentions',
    follow: 'follows',
    request: 'requests',
    accepted: 'follows',
    story_reaction: 'stories',
    story_reply: 'stories',
    message_request: 'messages',
    decision: 'security',
    failed: 'own',
    security: 'security',
  } as const satisfies Record<NotificationKind, keyof NotificationChoices>
  return choices?.[wishes[kind]] ?? 'everyone'
}

export function newestOf(told: readonly Told[]): Id | undefined {
  return told.map(({ latestId }) => latestId).sort((a, b) => compareIds(b, a))[0]
}
