import type { ConversationFolder, noticeKinds } from '@heliograph/contract/messages'
import type { ColumnType, Selectable } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

export interface ConversationsTable {
  bucket: number
  id: Id
  kind: 'direct' | 'group'
  name: string | null
  picture_media_id: Id | null
  created_by: Id
  /** Number of the last change; whoever changes anything locks the row first. */
  counter: number
  created_at: Date
}
export type ConversationRow = Selectable<ConversationsTable>

export interface DirectConversationsTable {
  bucket: number
  low_id: Id
  high_id: Id
  conversation_id: Id
}

export interface ConversationMembersTable {
  bucket: number
  conversation_id: Id
  user_id: Id
  is_admin: boolean
  is_member: boolean
  joined_id: Id
  is_accepted: boolean
  /** Sees what comes after. */
  after_sequence: number
  read_sequence: number
  /** Up to where the others are told that they have read. */
  told_sequence: ColumnType<number, number | undefined, number>
  version: number
  /** Number of the conversation when they last deleted a single message for themselves; 0: never. */
  cleared_version: ColumnType<number, number | undefined, number>
}
export type MemberRow = Selectable<ConversationMembersTable>

/** A message keeps what it shares by id: what a reader may see of that is asked at each reading. */
export type StoredAttachment =
  | { type: 'media'; mediaId: Id }
  | { type: 'post'; postId: Id }
  | { type: 'profile'; userId: Id }
  | { type: 'story'; storyId: Id; isReply: boolean }

export interface StoredNotice {
  kind: (typeof noticeKinds)[number]
  userIds: Id[]
  name?: string
}

export interface MessagesTable {
  bucket: number
  conversation_id: Id
  sequence: number
  version: number
  id: Id
  sender_id: Id
  client_id: string
  digest: string
  text: string
  attachments: ColumnType<StoredAttachment[], string, string>
  notice: ColumnType<StoredNotice | null, string | null, string | null>
  /** Sequence of what it answers. */
  reply_to: number | null
  created_at: Date
  edited_at: Date | null
  unsent_at: Date | null
}
export type MessageRow = Selectable<MessagesTable>

export interface MessagePlace {
  conversationId: Id
  sequence: number
}

export interface MessageReactionsTable {
  bucket: number
  conversation_id: Id
  sequence: number
  user_id: Id
  emoji: string
  created_at: Date
}

/** What somebody deleted for themselves; in the conversation's bucket, as what decides what they find there. */
export interface ClearedMessagesTable {
  bucket: number
  conversation_id: Id
  user_id: Id
  sequence: number
  version: number
}

/** A message as its reporter had it. */
export interface ReportedCopy {
  text: string
  attachments: StoredAttachment[]
  createdAt: string
  editedAt: string | null
}

export interface ReportedMessagesTable {
  bucket: number
  message_id: Id
  reporter_id: Id
  sender_id: Id
  copy: ColumnType<ReportedCopy, string, string>
  reported_at: Date
}
export type ReportedMessageRow = Selectable<ReportedMessagesTable>

/** A person's side of a conversation, in their bucket. */
export interface InboxTable {
  bucket: number
  user_id: Id
  conversation_id: Id
  folder: ConversationFolder
  /** Id of what came last: the order of the list. */
  activity_id: Id
  unread_count: number
  is_muted: boolean
  is_hidden: boolean
  draft: string
  /** Up to where its owner's devices were told. */
  pushed_sequence: ColumnType<number, number | undefined, number>
}
export type InboxRow = Selectable<InboxTable>

export interface MessagesTables {
  conversations: ConversationsTable
  direct_conversations: DirectConversationsTable
  conversation_members: ConversationMembersTable
  messages: MessagesTable
  message_reactions: MessageReactionsTable
  cleared_messages: ClearedMessagesTable
  inbox: InboxTable
  reported_messages: ReportedMessagesTable
}

/** Subject of each is the conversation; `memberIds`: who was in it when it happened, with who did it. */
interface InConversation {
  conversationId: Id
  memberIds: Id[]
  version: number
}

export interface MessagesEvents {
  'messages.sent': InConversation & {
    messageId: Id
    senderId: Id
    kind: 'direct' | 'group'
    /** Those for whom it lies among the requests. */
    requestedOf: Id[]
    /** The Story that it answers. */
    repliedStoryId: Id | null
  }
  /** Edited, taken back, reacted to, or what it carries is prepared. */
  'messages.changed': InConversation & {
    messageId: Id
    senderId: Id
    what: 'edited' | 'unsent' | 'reacted' | 'unreacted' | 'prepared'
    /** Who did it; of what is prepared its sender. */
    userId: Id
  }
  /** Members, name, or acceptance; `goneIds`: who is not in it any more. */
  'conversations.changed': InConversation & { goneIds: Id[] }
  /** Its last member has left. */
  'conversations.ended': { conversationId: Id }
  /** `toldIds`: the others who may know. `hadStoryReplies`: answers to Stories of theirs may be among what was read. */
  'conversations.read': InConversation & {
    userId: Id
    sequence: number
    toldIds: Id[]
    hadStoryReplies: boolean
  }
  /** Of one person's list alone: muted, deleted for oneself, a draft; in their bucket. */
  'inbox.changed': { conversationId: Id; userId: Id; hadStoryReplies?: boolean }
}
