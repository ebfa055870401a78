import type { UserSummary } from '@heliograph/contract/accounts'
import type { AttachedMedia } from '@heliograph/contract/media'
import type { Message, MessageAttachment, MessageNotice, SharedPost } from '@heliograph/contract/messages'
import type { Post } from '@heliograph/contract/posts'
import type { Story } from '@heliograph/contract/stories'
import type { AccountRow } from '#modules/accounts'
import { canSee, type Sight } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import { findClearedAt } from './cleared-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import { canSeeMessage } from './messages-policy.ts'
import { findMessagesAt, findReactionsAt } from './messages-repository.ts'
import type {
  MemberRow,
  MessagePlace,
  MessageReactionsTable,
  MessageRow,
  StoredAttachment,
} from './messages-tables.ts'

/** Messages of whatever conversations, as one reader who is in them may see them now. */
export type PresentMessages = (
  reader: Reader,
  rows: readonly MessageRow[],
  sideOf?: SideOf,
) => Promise<Message[]>

/** How its reader is in a conversation; left out: as who has accepted it and finds all of it. */
export type SideOf = (conversationId: Id) => Pick<MemberRow, 'is_accepted' | 'after_sequence'> | undefined

type Deps = Pick<MessagesDeps, 'database' | 'accounts' | 'graph' | 'media' | 'posts' | 'stories'>

/** All that what is shared is shown from; nothing is fetched behind it. */
export interface SharedFacts {
  sight: Sight
  accounts: ReadonlyMap<Id, AccountRow>
  summary(account: AccountRow): UserSummary
  media: ReadonlyMap<Id, AttachedMedia>
  posts: ReadonlyMap<Id, Post>
  stories: ReadonlyMap<Id, Story>
}

interface Facts extends SharedFacts {
  answered: ReadonlyMap<string, MessageRow>
  /** Of what is answered: what the reader deleted for themselves. */
  cleared: ReadonlySet<string>
  reactions: ReadonlyMap<string, Pick<MessageReactionsTable, 'user_id' | 'emoji'>[]>
}

/** Beside an answer stands this much of what it answers. */
const quotedMax = 120

const placeOf = ({ conversation_id: conversationId, sequence }: MessageRow): MessagePlace => ({
  conversationId,
  sequence,
})
const keyOf = (conversationId: Id, sequence: number) => `${conversationId} ${sequence}`

export function createPresentMessages(deps: Deps): PresentMessages {
  const { database, graph } = deps

  async function hydrate(reader: Reader, rows: readonly MessageRow[], sideOf: SideOf): Promise<Facts> {
    const db = database.main
    const places = rows.flatMap((row): MessagePlace[] =>
      row.reply_to === null ? [] : [{ ...placeOf(row), sequence: row.reply_to }],
    )
    const [answered, cleared, reactions] = await Promise.all([
      findMessagesAt(db, places),
      findClearedAt(db, reader.id, places),
      findReactionsAt(db, rows.filter((row) => row.version > row.sequence).map(placeOf)),
    ])
    const people = [
      ...rows.flatMap((row) => [row.sender_id, ...(row.notice?.userIds ?? [])]),
      ...answered.map((row) => row.sender_id),
      ...reactions.map((row) => row.user_id),
    ]
    const sight = await graph.loadSight(reader, people)
    // An address opens a picture for anybody: none is made for whom it is not shown.
    const shown = rows.filter((row) => canSeeMessage(sight, row) && !isRequest(sideOf, row))
    const shared = await hydrateAttachments(
      deps,
      reader,
      shown.flatMap(({ attachments }) => attachments),
      people,
    )
    return {
      ...shared,
      answered: new Map(answered.map((row) => [keyOf(row.conversation_id, row.sequence), row])),
      cleared: new Set(cleared.map(({ conversationId, sequence }) => keyOf(conversationId, sequence))),
      reactions: Map.groupBy(reactions, (row) => keyOf(row.conversation_id, row.sequence)),
    }
  }

  return async (reader, rows, sideOf = () => undefined) => {
    if (rows.length === 0) return []
    const facts = await hydrate(reader, rows, sideOf)
    return rows.map((row) => present(facts, reader, row, sideOf))
  }
}

function isRequest(sideOf: SideOf, { conversation_id: id }: MessageRow): boolean {
  return sideOf(id)?.is_accepted === false
}

/** What these people are shown by, and what is shared among them; a reader of null is nobody. */
export async function hydrateAttachments(
  { accounts, graph, media, posts, stories }: Omit<Deps, 'database'>,
  reader: Reader | null,
  attachments: readonly StoredAttachment[],
  people: readonly Id[] = [],
): Promise<SharedFacts> {
  const ids = [...people, ...attachments.flatMap((one) => (one.type === 'profile' ? [one.userId] : []))]
  const storyIds = attachments.flatMap((one) => (one.type === 'story' ? [one.storyId] : []))
  const [sight, known, attached, shared, shown] = await Promise.all([
    graph.loadSight(reader, ids),
    accounts.findByIds(ids),
    media.presentAttached(
      mediaIn({ attachments }).map((id) => ({ id, until: null })),
      reader?.id ?? '',
    ),
    posts.presentVisible(
      reader,
      attachments.flatMap((one) => (one.type === 'post' ? [one.postId] : [])),
    ),
    reader && storyIds.length > 0 ? stories.present(reader.id, storyIds) : new Map<Id, Story>(),
  ])
  return {
    ...{ sight, accounts: known, summary: accounts.presentSummary },
    ...{ media: attached, posts: shared, stories: shown },
  }
}

export function mediaIn({ attachments }: { attachments: readonly StoredAttachment[] }): Id[] {
  return attachments.flatMap((one) => (one.type === 'media' ? [one.mediaId] : []))
}

function present(facts: Facts, reader: Reader, row: MessageRow, sideOf: SideOf): Message {
  const isSeen = canSeeMessage(facts.sight, row) || row.notice !== null
  const isShown = isSeen && row.unsent_at === null
  return {
    id: row.id,
    conversationId: row.conversation_id,
    sequence: row.sequence,
    version: row.version,
    senderId: row.sender_id,
    sender: personOf(facts, row.sender_id),
    ...(row.sender_id === reader.id && row.notice === null && { clientId: row.client_id }),
    text: isShown ? row.text : '',
    attachments: isShown
      ? row.attachments.map((one) => presentAttachment(facts, one, isRequest(sideOf, row)))
      : [],
    notice: row.notice && presentNotice(facts, row.notice),
    replyTo: isShown ? presentAnswered(facts, row, sideOf) : null,
    reactions: isShown ? presentReactions(facts, row) : [],
    createdAt: row.created_at.toISOString(),
    editedAt: isShown ? (row.edited_at?.toISOString() ?? null) : null,
    unsent: row.unsent_at !== null,
    unavailable: !isSeen,
  }
}

/** Null: there is no such account any more, or not for this reader. */
export function personOf(
  { sight, accounts, summary }: Pick<Facts, 'sight' | 'accounts' | 'summary'>,
  id: Id,
): UserSummary | null {
  const account = accounts.get(id)
  return account && canSee(sight, { kind: 'profile', authorId: id }) ? summary(account) : null
}

function presentNotice(
  facts: Facts,
  { kind, userIds, name }: NonNullable<MessageRow['notice']>,
): MessageNotice {
  const users = userIds.flatMap((id) => personOf(facts, id) ?? [])
  return { kind, users, ...(name !== undefined && { name }) }
}

export function presentAttachment(
  facts: SharedFacts,
  one: StoredAttachment,
  isRequest: boolean,
): MessageAttachment {
  // Nothing is looked at before it is accepted.
  const unshown = isRequest ? { hidden: true } : { unavailable: true }
  if (one.type === 'story') {
    const story = isRequest ? undefined : facts.stories.get(one.storyId)
    return { type: 'story', isReply: one.isReply, ...(story ? { story } : unshown) }
  }
  if (isRequest) return { type: one.type, hidden: true }
  if (one.type === 'media') {
    const media = facts.media.get(one.mediaId)
    return media ? { type: 'media', media } : { type: 'media', unavailable: true }
  }
  if (one.type === 'profile') {
    const user = personOf(facts, one.userId)
    return user ? { type: 'profile', user } : { type: 'profile', unavailable: true }
  }
  const post = facts.posts.get(one.postId)
  return post ? { type: 'post', post: sharedPost(post) } : { type: 'post', unavailable: true }
}

function sharedPost({ id, author, caption, media }: Post): SharedPost {
  return { id, author, caption, media: media.slice(0, 1), mediaCount: media.length }
}

function presentAnswered(facts: Facts, row: MessageRow, sideOf: SideOf): Message['replyTo'] {
  if (row.reply_to === null) return null
  const key = keyOf(row.conversation_id, row.reply_to)
  const answered = facts.answered.get(key)
  if (!answered) return null
  // What was written before the reader came, or was deleted by them, is not told by whoever answers it either.
  const isTheirs =
    answered.sequence > (sideOf(row.conversation_id)?.after_sequence ?? 0) && !facts.cleared.has(key)
  const isShown = isTheirs && answered.unsent_at === null && canSeeMessage(facts.sight, answered)
  return {
    id: answered.id,
    sequence: answered.sequence,
    senderId: answered.sender_id,
    text: isShown ? [...answered.text].slice(0, quotedMax).join('') : '',
    hasAttachments: isShown && answered.attachments.length > 0,
  }
}

function presentReactions(facts: Facts, row: MessageRow): Message['reactions'] {
  return (facts.reactions.get(keyOf(row.conversation_id, row.sequence)) ?? [])
    .filter((one) => canSeeMessage(facts.sight, { sender_id: one.user_id }))
    .map((one) => ({ userId: one.user_id, emoji: one.emoji }))
}
