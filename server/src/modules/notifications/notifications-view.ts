import type { Relationship, UserListItem } from '@heliograph/contract/accounts'
import type { Answer } from '@heliograph/contract/call'
import { type Notification, SecurityHappening } from '@heliograph/contract/notifications'
import type { AccountRow } from '#modules/accounts'
import { compareIds, type Id, timeOf } from '#platform/ids/ids.ts'
import type { Told } from './notifications-reading.ts'

const peopleShown = 3
const commentShown = 140

/** How the viewer stands to these is told, so that they can be answered in the list. */
export const answeredInPlace: readonly Notification['kind'][] = ['follow', 'request', 'accepted']

export interface UnreadCounts {
  /** Rows with something that was not looked at yet, up to `limits.unreadCount`. */
  unreadCount: number
  /** Of those the messages, which are counted among the conversations too. */
  unreadMessages: number
  /** Milliseconds: a Story that they count ends then. */
  endsAt: number
}

type Counts = Omit<Answer<'GET /api/notifications'>, 'items' | 'nextCursor'>

interface Around {
  viewerId: Id
  seenId: Id
  relationships: ReadonlyMap<Id, Relationship>
  /** Of the latest who reacted, by Story. */
  reactions: ReadonlyMap<Id, string>
  presentListItem(account: AccountRow, relationship: Relationship | null): UserListItem
}

export function presentNotification(told: Told, around: Around): Notification {
  const { group, people, peopleCount, latestId, post, comment, story, reply } = told
  const { id, kind, detail } = group
  const emoji = kind === 'story_reaction' ? around.reactions.get(group.target_id) : undefined
  const tellsRelationship = answeredInPlace.includes(kind)
  return {
    id,
    kind,
    latestId,
    latestAt: new Date(timeOf(latestId)).toISOString(),
    isNew: compareIds(latestId, around.seenId) > 0 && !reply?.isRead,
    isRead: compareIds(latestId, group.read_id) <= 0 || reply?.isRead === true,
    people: people
      .slice(0, peopleShown)
      .map((account) =>
        around.presentListItem(
          account,
          tellsRelationship ? (around.relationships.get(account.id) ?? null) : null,
        ),
      ),
    peopleCount,
    ...(post && {
      post: { id: post.id, isOwn: post.authorId === around.viewerId, thumbnailUrl: post.thumbnailUrl },
    }),
    ...(comment && { comment: { id: comment.id, text: shorten(comment.text) } }),
    ...(kind === 'message_request' && { conversationId: group.target_id }),
    ...(reply && {
      conversationId: reply.conversationId,
      message: { id: group.target_id, text: shorten(reply.text) },
    }),
    ...(story && {
      story: {
        id: story.id,
        thumbnailUrl: story.media.thumbnailUrl,
        expiresAt: story.expiresAt,
        ...(emoji !== undefined && { emoji }),
      },
    }),
    ...(kind === 'decision' && presentDecision(detail)),
    ...(kind === 'security' && presentSecurity(detail)),
  }
}

export function presentUnread({ unreadCount, unreadMessages, endsAt }: UnreadCounts): Counts {
  const until = Number.isFinite(endsAt) ? { unreadUntil: new Date(endsAt).toISOString() } : {}
  return { unreadCount, unreadMessages, ...until }
}

function presentDecision(detail: string | null): Pick<Notification, 'decision'> {
  const [subject, act] = (detail ?? '').split(' ')
  return { decision: { subject, act } as NonNullable<Notification['decision']> }
}

function presentSecurity(detail: string | null): Pick<Notification, 'security'> {
  const known = SecurityHappening.safeParse(detail)
  return known.success ? { security: known.data } : {}
}

/** By code points, as people count letters. */
export function shorten(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ')
  const letters = [...line]
  return letters.length <= commentShown ? line : `${letters.slice(0, commentShown - 1).join('')}…`
}
