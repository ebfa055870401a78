import { z } from 'zod'
import { UserSummary } from './accounts.ts'
import { Cursor, Id, IdParams, listOf, PageQuery, Timestamp, textOf, wholeNumber } from './common.ts'
import { Emoji } from './emoji.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { AttachedMedia } from './media.ts'
import { PostMedia } from './posts.ts'
import { Story } from './stories.ts'
import { isBlank } from './text.ts'

/**
 * One counter in each conversation numbers everything that happens in it. A message has the number under which it came
 * (`sequence`, its place for good) and the one of its last change (`version`). A client keeps the highest it knows and
 * asks for what is `after` it (docs/adr/0030).
 */
const position = z.number().int().min(0)

/** A post as it stands in a message: for whoever reads it, as they may see it now. */
export const SharedPost = z.object({
  id: Id,
  author: UserSummary,
  caption: z.string(),
  media: z.array(PostMedia).max(1),
  mediaCount: z.number().int(),
})
export type SharedPost = z.output<typeof SharedPost>

/**
 * `unavailable`: there is no such thing, or not for this reader. `hidden`: it is not shown before the request is accepted.
 */
const part = { unavailable: z.boolean().optional(), hidden: z.boolean().optional() }
export const MessageAttachment = z.discriminatedUnion('type', [
  z.object({ type: z.literal('media'), media: AttachedMedia.optional(), ...part }),
  z.object({ type: z.literal('post'), post: SharedPost.optional(), ...part }),
  z.object({ type: z.literal('profile'), user: UserSummary.optional(), ...part }),
  /** `isReply`: the message answers it; it stays when the Story has expired, and says so by `unavailable`. */
  z.object({ type: z.literal('story'), story: Story.optional(), isReply: z.boolean(), ...part }),
])
export type MessageAttachment = z.output<typeof MessageAttachment>

export const NewAttachment = z.discriminatedUnion('type', [
  /** An upload of the purpose `message` (photograph or video) or `voice`. */
  z.strictObject({ type: z.literal('media'), uploadId: Id }),
  z.strictObject({ type: z.literal('post'), postId: Id }),
  z.strictObject({ type: z.literal('profile'), username: z.string().min(1).max(64) }),
  /**
   * A reply is for the Story’s author, and is kept when the Story was over before it was sent. `story.not_found`: who writes it could
   * not see it either then or now.
   */
  z.strictObject({ type: z.literal('story'), storyId: Id, isReply: z.boolean().default(false) }),
])
export type NewAttachment = z.output<typeof NewAttachment>

/** What happened in a group, between its messages. */
export const noticeKinds = [
  'created',
  'added',
  'removed',
  'left',
  'named',
  'pictured',
  'made_admin',
  'unmade_admin',
] as const
export const MessageNotice = z.object({
  kind: z.enum(noticeKinds),
  /** Who did it is the message's `sender`. */
  users: z.array(UserSummary),
  name: z.string().optional(),
})
export type MessageNotice = z.output<typeof MessageNotice>

export const MessageReaction = z.object({ userId: Id, emoji: z.string() })

export const Message = z.object({
  id: Id,
  conversationId: Id,
  sequence: position,
  version: position,
  senderId: Id,
  /** Null: there is no such account any more, or not for this reader. */
  sender: UserSummary.nullable(),
  /** As its sender's app made it; for the sender alone. */
  clientId: z.string().optional(),
  /** '' with `unsent` and `unavailable`. */
  text: z.string(),
  attachments: z.array(MessageAttachment),
  /** In its place stands what happened. */
  notice: MessageNotice.nullable(),
  /** What it answers, in short. */
  replyTo: z
    .object({
      id: Id,
      sequence: position,
      senderId: Id,
      /** Its beginning; '' when there is none, or none any more. */
      text: z.string(),
      hasAttachments: z.boolean(),
    })
    .nullable(),
  reactions: z.array(MessageReaction),
  createdAt: Timestamp,
  editedAt: Timestamp.nullable(),
  /** Its sender took it back. */
  unsent: z.boolean(),
  /** A block parts its sender and this reader, or the account is gone. */
  unavailable: z.boolean(),
})
export type Message = z.output<typeof Message>

/** When somebody was here. Told where both let others see it, among people who have accepted each other. */
export const Activity = z.object({ isActive: z.boolean(), lastActiveAt: Timestamp })
export type Activity = z.output<typeof Activity>

export const ConversationMember = z.object({
  userId: Id,
  /** Null: there is no such account any more, or not for this reader. */
  user: UserSummary.nullable(),
  isAdmin: z.boolean(),
  /** False: left, or was removed. */
  isMember: z.boolean(),
  /** Up to where they have read; null where that is not told. */
  readSequence: position.nullable(),
  activity: Activity.nullable(),
  version: position,
})
export type ConversationMember = z.output<typeof ConversationMember>

export const ConversationFolder = z.enum(['inbox', 'requests'])
export type ConversationFolder = z.output<typeof ConversationFolder>

export const Conversation = z.object({
  id: Id,
  kind: z.enum(['direct', 'group']),
  /** `requests`: from somebody whom one does not follow, and not accepted yet. */
  folder: ConversationFolder,
  name: z.string().nullable(),
  /** Of a group. */
  picture: AttachedMedia.nullable(),
  /** Those who are in it now, the reader first. */
  members: z.array(ConversationMember),
  lastMessage: Message.nullable(),
  /** Of others, not read; counted to 100. */
  unreadCount: z.number().int(),
  /** Up to where the reader has read. */
  readSequence: position,
  /** Number of the last change. */
  version: position,
  muted: z.boolean(),
  isAdmin: z.boolean(),
  /** False: the other one is gone, or takes no messages of the reader. */
  mayWrite: z.boolean(),
  /** What was begun and not sent; the reader's own, the same on every device. */
  draft: z.string(),
  createdAt: Timestamp,
})
export type Conversation = z.output<typeof Conversation>

/** An id that a client makes for each message, once: a retry with it is the same message. */
export const ClientId = z.string().regex(/^[\w-]{8,64}$/, 'must be 8 to 64 of A–Z, a–z, 0–9, _ and -')

const messageText = textOf(limits.messageLength)
const conversationName = textOf(limits.conversationNameLength)

/** Text, attachments, or both. */
export const NewMessage = z
  .strictObject({
    clientId: ClientId,
    text: messageText.default(''),
    attachments: z.array(NewAttachment).max(limits.attachmentsPerMessage).default([]),
    /** Id of the message it answers. */
    replyTo: Id.optional(),
  })
  .refine(({ text, attachments }) => !isBlank(text) || attachments.length > 0, 'needs text or an attachment')
export type NewMessage = z.output<typeof NewMessage>

/** One: the conversation with that person, which is made once. More, or a name: a new group. */
export const NewConversation = z.strictObject({
  members: z.array(z.string().min(1).max(64)).min(1).max(limits.conversationMembers),
  name: conversationName.refine((name) => !isBlank(name), 'must not be empty').optional(),
})
export type NewConversation = z.output<typeof NewConversation>

export const ConversationChange = z
  .strictObject({
    name: conversationName.nullable(),
    /** An upload of the purpose `message`; null takes the picture away. */
    pictureUploadId: Id.nullable(),
    muted: z.boolean(),
  })
  .partial()
export type ConversationChange = z.output<typeof ConversationChange>

/**
 * Oldest first. Without `after` and `before` the newest; `before` a sequence, those in front of it; `after` a version,
 * everything that came or changed since, with the members and the conversation where they changed.
 */
export const MessagesPage = z.object({
  items: z.array(Message),
  /** All members of now, and of those gone since `after` the last 32: whoever is not told as one is none. */
  members: z.array(ConversationMember),
  /** What to ask `after` the next time. */
  version: position,
  /** There are more: with `after` ask again at once, else `before` the first item's sequence. */
  hasMore: z.boolean(),
  /** Up to this sequence there is nothing for the reader: they deleted it for themselves, or came later. */
  emptyUpTo: position,
  /**
   * With `after`: sequences of single messages that the reader deleted for themselves since then. Some may be told more than
   * once. Left out: none.
   */
  cleared: z.array(position).optional(),
})
export type MessagesPage = z.output<typeof MessagesPage>

const sequence = wholeNumber(0, 2_147_483_647)
const MessagesQuery = z
  .strictObject({
    after: sequence.optional(),
    before: sequence.optional(),
    limit: PageQuery.shape.limit,
  })
  .refine(({ after, before }) => after === undefined || before === undefined, 'either after or before')

const tag = 'Messages'
const uploadErrors = [
  'upload.not_found',
  'upload.used',
  'upload.incomplete',
  'upload.expired',
  'upload.purpose',
  'media.blocked',
] as const
const notFound = ['conversation.not_found'] as const
const read = { tag, auth: 'required', budget: 'read' } as const
const change = { tag, auth: 'required', budget: 'write', params: IdParams, errors: notFound } as const
const ofMember = {
  ...change,
  params: z.object({ id: Id, username: z.string().min(1).max(64) }),
  errors: ['conversation.not_found', 'conversation.not_group', 'conversation.not_admin', 'user.not_found'],
} as const
const ofMessage = {
  ...change,
  params: z.object({ id: Id, messageId: Id }),
  errors: ['conversation.not_found', 'message.not_found'],
} as const
const answers = { 200: Conversation } as const

export const messagesEndpoints = {
  'GET /api/conversations': endpoint({
    ...read,
    summary: 'One’s conversations, the newest message first; requests stand in a folder of their own.',
    query: z.strictObject({
      folder: ConversationFolder.default('inbox'),
      cursor: Cursor.optional(),
      limit: PageQuery.shape.limit,
    }),
    /** `unreadCount`: conversations with something unread, without muted ones; both to 100. */
    answers: {
      200: listOf(Conversation).extend({
        unreadCount: z.number().int(),
        requestCount: z.number().int(),
      }),
    },
  }),
  'POST /api/conversations': endpoint({
    summary: 'Begin a conversation: with one person the one there is, else a group.',
    tag,
    auth: 'required',
    /** What is new is taken from the budget `conversation` too: one, and in a group one for each who does not follow its maker. */
    budget: 'write',
    body: NewConversation,
    answers: { 201: Conversation, 200: Conversation },
    errors: ['user.not_found', 'message.not_allowed', 'conversation.self', 'conversation.full'],
    idempotent: true,
  }),
  'GET /api/conversations/:id': endpoint({
    ...read,
    summary: 'One conversation.',
    params: IdParams,
    answers,
    errors: notFound,
  }),
  'PATCH /api/conversations/:id': endpoint({
    ...change,
    summary: 'Mute it for oneself; admins of a group give it a name and a picture.',
    body: ConversationChange,
    answers,
    errors: ['conversation.not_found', 'conversation.not_group', 'conversation.not_admin', ...uploadErrors],
  }),
  'DELETE /api/conversations/:id': endpoint({
    ...change,
    summary:
      'Delete what is in it for oneself: it comes back empty with the next message. A request is refused so.',
    answers: { 204: null },
  }),
  'PUT /api/conversations/:id/accept': endpoint({
    ...change,
    summary: 'Accept a request. Writing in it does the same.',
    answers,
  }),
  'PUT /api/conversations/:id/draft': endpoint({
    ...change,
    summary: 'Keep what is begun, for one’s other devices.',
    body: z.strictObject({ text: messageText }),
    answers: { 204: null },
  }),
  'POST /api/conversations/:id/members/:username': endpoint({
    ...ofMember,
    /** Who does not follow the admin is taken from the budget `conversation` too. */
    summary: 'Add somebody to a group, as its admin. They see what is written from then on.',
    answers,
    errors: [...ofMember.errors, 'message.not_allowed', 'conversation.full'],
  }),
  'DELETE /api/conversations/:id/members/:username': endpoint({
    ...ofMember,
    summary: 'Remove somebody from a group, as its admin.',
    answers,
  }),
  'PUT /api/conversations/:id/admins/:username': endpoint({
    ...ofMember,
    summary: 'Make a member an admin, as one.',
    answers,
  }),
  'DELETE /api/conversations/:id/admins/:username': endpoint({
    ...ofMember,
    summary: 'Take it back from a member, or from oneself, as an admin. The last one stays one.',
    answers,
    errors: [...ofMember.errors, 'conversation.last_admin'],
  }),
  'DELETE /api/conversations/:id/me': endpoint({
    ...change,
    summary: 'Leave a group. When its last admin leaves, who has been in it the longest becomes one.',
    answers: { 204: null },
    errors: ['conversation.not_found', 'conversation.not_group'],
  }),
  'GET /api/conversations/:id/messages': endpoint({
    ...read,
    summary: 'Messages: the newest, those `before` one, or exactly what changed `after` a version.',
    params: IdParams,
    query: MessagesQuery,
    answers: { 200: MessagesPage },
    errors: notFound,
  }),
  'POST /api/conversations/:id/messages': endpoint({
    ...change,
    summary: 'Write. The same `clientId` again is the same message (200).',
    budget: 'message',
    body: NewMessage,
    answers: { 201: Message, 200: Message },
    errors: [
      'conversation.not_found',
      'message.not_found',
      'message.not_allowed',
      'message.client_id_used',
      ...uploadErrors,
      'post.not_found',
      'story.not_found',
      'user.not_found',
    ],
  }),
  'PATCH /api/conversations/:id/messages/:messageId': endpoint({
    ...ofMessage,
    summary: 'Change the words of one’s own message, within 15 minutes.',
    budget: 'message',
    body: z.strictObject({ text: messageText }),
    answers: { 200: Message },
    errors: [...ofMessage.errors, 'message.too_late', 'message.empty', 'message.unsent'],
  }),
  'DELETE /api/conversations/:id/messages/:messageId': endpoint({
    ...ofMessage,
    summary: 'Take one’s own message back, for everybody.',
    answers: { 204: null },
  }),
  'DELETE /api/conversations/:id/messages/:messageId/mine': endpoint({
    ...ofMessage,
    summary: 'Delete a message for oneself, on all of one’s devices; the others keep theirs.',
    answers: { 204: null },
  }),
  'PUT /api/conversations/:id/messages/:messageId/reaction': endpoint({
    ...ofMessage,
    summary: 'React with one emoji, in place of the one before.',
    body: z.strictObject({ emoji: Emoji }),
    answers: { 200: Message },
    errors: [...ofMessage.errors, 'message.unsent'],
  }),
  'DELETE /api/conversations/:id/messages/:messageId/reaction': endpoint({
    ...ofMessage,
    summary: 'Take one’s reaction back.',
    answers: { 200: Message },
  }),
  'PUT /api/conversations/:id/read': endpoint({
    ...change,
    summary: 'Note up to where one has read; never backwards.',
    body: z.strictObject({ sequence: z.number().int().min(0).max(2_147_483_647) }),
    answers: { 200: z.object({ readSequence: position, unreadCount: z.number().int() }) },
  }),
  'POST /api/conversations/:id/typing': endpoint({
    ...change,
    summary: 'One is writing; told to the others for a few seconds. Say it every 3 s while it is so.',
    answers: { 204: null },
  }),
}
