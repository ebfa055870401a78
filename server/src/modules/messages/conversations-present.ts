import type { Activity, Conversation, ConversationMember } from '@heliograph/contract/messages'
import type { AccountRow, Presence } from '#modules/accounts'
import type { Sight } from '#modules/graph'
import type { Clock } from '#platform/clock/clock.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { findConversations, findMembers } from './conversations-repository.ts'
import { countedMax, findInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { Opened } from './messages-gate.ts'
import { canSeeMessage, isMember } from './messages-policy.ts'
import { type PresentMessages, personOf } from './messages-present.ts'
import { findLastMessages } from './messages-repository.ts'
import type { MessageRights } from './messages-rights.ts'
import type { InboxRow, MemberRow } from './messages-tables.ts'

export interface ConversationsPresenter {
  /** Of the reader's own list, in its order; what they are not in any more is left out. */
  present(reader: Reader, rows: readonly InboxRow[]): Promise<Conversation[]>
  presentOne(reader: Reader, opened: Opened): Promise<Conversation>
  /** Those who are in it, the reader first, and these, who are gone. */
  presentMembers(reader: Reader, opened: Opened, gone?: readonly MemberRow[]): Promise<ConversationMember[]>
}

type Deps = Pick<MessagesDeps, 'database' | 'clock' | 'accounts' | 'graph' | 'media'> & {
  presentMessages: PresentMessages
  rights: MessageRights
}

/** A session's use is noted every 5 min: whoever was here in twice that time may still be. */
const activeMs = 10 * 60_000

interface People {
  sight: Sight
  accounts: ReadonlyMap<Id, AccountRow>
  presence: ReadonlyMap<Id, Presence>
  /** Those who keep the reader at a distance. */
  distant: ReadonlySet<Id>
}

export function createConversationsPresenter(deps: Deps): ConversationsPresenter {
  const { database, clock, accounts, graph, media, presentMessages, rights } = deps
  const summary = accounts.presentSummary

  async function hydratePeople(reader: Reader, all: readonly Opened[]): Promise<People> {
    const ids = [...new Set([reader.id, ...all.flatMap(({ members }) => members.map((one) => one.user_id))])]
    const [sight, known, presence, distant] = await Promise.all([
      graph.loadSight(reader, ids),
      accounts.findByIds(ids),
      accounts.presenceOf(ids),
      graph.restrictedBy(reader.id, ids),
    ])
    return { sight, accounts: known, presence, distant }
  }

  function presentMember(
    reader: Reader,
    people: People,
    { conversation, own }: Opened,
    member: MemberRow,
  ): ConversationMember {
    const isSelf = member.user_id === reader.id
    const isTold = canSeeMessage(people.sight, { sender_id: member.user_id })
    const [mine, theirs] = [people.presence.get(reader.id), people.presence.get(member.user_id)]
    const isDistant = people.distant.has(member.user_id)
    // Between two the mark stays where it stood, which tells nothing; in a group it goes on for the others.
    const isFollowed = !isDistant || conversation.kind === 'direct'
    const readMarks =
      isTold && isFollowed && mine?.showsReadMarks && theirs?.showsReadMarks && own.is_accepted
    const isClose =
      isTold && !isSelf && !isDistant && own.is_accepted && member.is_accepted && member.is_member
    return {
      userId: member.user_id,
      user: personOf({ ...people, summary }, member.user_id),
      isAdmin: member.is_admin,
      isMember: member.is_member,
      readSequence: isSelf ? member.read_sequence : readMarks ? member.told_sequence : null,
      activity: isClose ? activityOf(clock, mine, theirs) : null,
      version: member.version,
    }
  }

  function membersOf(reader: Reader, people: People, opened: Opened) {
    const { members, own } = opened
    const others = members.filter((member) => member.user_id !== reader.id)
    return [own, ...others].map((member) => presentMember(reader, people, opened, member))
  }

  async function presentAll(
    reader: Reader,
    all: readonly { opened: Opened; row: InboxRow }[],
  ): Promise<Conversation[]> {
    const opened = all.map((one) => one.opened)
    const requests = new Set(opened.filter(({ own }) => !own.is_accepted).map((one) => one.conversation.id))
    // Of a request no picture is shown.
    const pictures = opened.flatMap(({ conversation: { id, picture_media_id: picture } }) =>
      picture === null || requests.has(id) ? [] : [{ id: picture, until: null }],
    )
    const [people, last, writable, shown] = await Promise.all([
      hydratePeople(reader, opened),
      findLastMessages(
        database.main,
        reader.id,
        opened.map(({ conversation, own }) => ({ id: conversation.id, after: own.after_sequence })),
      ),
      Promise.all(opened.map((one) => rights.find(reader, one))),
      media.presentAttached(pictures, reader.id),
    ])
    const sides = new Map(opened.map(({ conversation, own }) => [conversation.id, own]))
    const messages = await presentMessages(reader, [...last.values()], (id) => sides.get(id))
    const lastOf = new Map(messages.map((message) => [message.conversationId, message]))
    return all.map(({ opened: one, row }, index): Conversation => {
      const { conversation, own } = one
      return {
        id: conversation.id,
        kind: conversation.kind,
        folder: row.folder,
        name: conversation.name,
        picture: shown.get(conversation.picture_media_id ?? '') ?? null,
        members: membersOf(reader, people, one),
        lastMessage: lastOf.get(conversation.id) ?? null,
        unreadCount: Math.min(row.unread_count, countedMax),
        readSequence: own.read_sequence,
        version: conversation.counter,
        muted: row.is_muted,
        isAdmin: own.is_admin,
        mayWrite: writable[index]!.mayWrite,
        draft: row.draft,
        createdAt: conversation.created_at.toISOString(),
      }
    })
  }

  return {
    async present(reader, rows) {
      const ids = rows.map((row) => row.conversation_id)
      const [conversations, members] = await Promise.all([
        findConversations(database.main, ids),
        findMembers(database.main, ids),
      ])
      const all = rows.flatMap((row) => {
        const conversation = conversations.get(row.conversation_id)
        const inIt = members.get(row.conversation_id) ?? []
        const own = inIt.find((member) => member.user_id === reader.id)
        return conversation && isMember(own) ? [{ row, opened: { conversation, members: inIt, own } }] : []
      })
      return await presentAll(reader, all)
    },

    async presentOne(reader, opened) {
      const row = await findInbox(database.main, reader.id, opened.conversation.id)
      const [conversation] = row ? await presentAll(reader, [{ opened, row }]) : []
      // Left in this moment.
      if (!conversation) throw fault('conversation.not_found')
      return conversation
    },

    async presentMembers(reader, opened, gone = []) {
      const all = { ...opened, members: [...opened.members, ...gone] }
      return membersOf(reader, await hydratePeople(reader, [all]), all)
    },
  }
}

/** Told by those alone who let others know it of themselves. */
function activityOf(clock: Clock, mine: Presence | undefined, theirs: Presence | undefined): Activity | null {
  if (!mine?.showsActivity || !theirs?.showsActivity || theirs.lastActiveAt === null) return null
  return {
    isActive: clock.now() - theirs.lastActiveAt.getTime() < activeMs,
    lastActiveAt: theirs.lastActiveAt.toISOString(),
  }
}
