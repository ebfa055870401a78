import { z } from 'zod'
import { UserListItem } from './accounts.ts'
import { Id, IdParams, listOf, PageQuery, Timestamp } from './common.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { ModerationAct, ModerationSubject } from './moderation.ts'

const tag = 'Notifications'

/** What is told. Which of them a person wants is chosen by the coarser kinds of `NotificationChoices`. */
export const NotificationKind = z.enum([
  'like',
  'comment',
  /** To a comment of one's own. */
  'reply',
  'mention',
  'follow',
  /** Somebody asks to follow. */
  'request',
  /** One's own request was accepted. */
  'accepted',
  'story_reaction',
  /** To a Story of one's own, in a conversation that one has accepted. */
  'story_reply',
  /** Somebody whom one does not follow wrote. */
  'message_request',
  /** By a moderator, about something of one's own. */
  'decision',
  /** A post or Story of one's own could not be prepared; told while it stands there so. */
  'failed',
  'security',
])
export type NotificationKind = z.output<typeof NotificationKind>

/** What happened to one's account; the same that is mailed. */
export const SecurityHappening = z.enum([
  'signed_in_anew',
  'password_changed',
  'email_changed',
  'second_step_failed',
  'totp_on',
  'totp_off',
  'passkey_added',
  'passkey_removed',
  'recovery_codes_made',
  'recovery_code_used',
  'reset',
  'stayed',
  'export_asked',
  'export_ready',
  'export_failed',
  'verified',
  'verification_refused',
  'verification_revoked',
])
export type SecurityHappening = z.output<typeof SecurityHappening>

/** One row of the list: what several did to one thing is told together. */
export const Notification = z.object({
  /** Stays the same while others join. */
  id: Id,
  kind: NotificationKind,
  /** Rises with everybody who joins; `PUT /api/notifications/seen` takes it. */
  latestId: Id,
  latestAt: Timestamp,
  /** Not looked at yet: it is in `unreadCount`. */
  isNew: z.boolean(),
  isRead: z.boolean(),
  /** Who did it, the latest first; at most three. Empty where nobody is named. */
  people: z.array(UserListItem),
  /** How many did, those three among them. */
  peopleCount: z.number().int(),
  post: z.object({ id: Id, isOwn: z.boolean(), thumbnailUrl: z.string().nullable() }).optional(),
  /** Shortened. */
  comment: z.object({ id: Id, text: z.string() }).optional(),
  story: z
    .object({
      id: Id,
      thumbnailUrl: z.string().nullable(),
      /** From then on the row is there only where the Story is kept, or an answer to it. */
      expiresAt: Timestamp,
      /** What the first of `people` reacted with. */
      emoji: z.string().optional(),
    })
    .optional(),
  conversationId: Id.optional(),
  /** Shortened. */
  message: z.object({ id: Id, text: z.string() }).optional(),
  decision: z.object({ subject: ModerationSubject, act: ModerationAct }).optional(),
  security: SecurityHappening.optional(),
})
export type Notification = z.output<typeof Notification>

/** As `PushSubscription.toJSON()` of a browser has it. */
export const PushSubscriptionBody = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }).max(limits.pushEndpointLength),
  keys: z.strictObject({
    p256dh: z.string().regex(/^[A-Za-z0-9_-]{87}=?$/, 'must be the public key of a subscription'),
    auth: z.string().regex(/^[A-Za-z0-9_-]{22}(?:==)?$/, 'must be the secret of a subscription'),
  }),
  expirationTime: z.number().nullable().optional(),
})
export type PushSubscriptionBody = z.output<typeof PushSubscriptionBody>

export const UnreadCounts = {
  unreadCount: z.number().int(),
  /** Of those the messages (answers to Stories), which count among the conversations too: for a number that sums up both. */
  unreadMessages: z.number().int(),
  /** A Story among them ends then, and no word tells of it: the numbers are to be read again. */
  unreadUntil: Timestamp.optional(),
}

const own = { tag, auth: 'required' } as const

export const notificationsEndpoints = {
  'GET /api/notifications': endpoint({
    ...own,
    summary: `What others did that concerns one, the latest first. \`unreadCount\` counts rows, up to ${limits.unreadCount}.`,
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(Notification).extend(UnreadCounts) },
  }),
  'PUT /api/notifications/seen': endpoint({
    ...own,
    summary: 'They were looked at: up to `latestId` of the newest that was shown, or all there are.',
    budget: 'write',
    body: z.strictObject({ latestId: Id.optional() }).nullish(),
    answers: { 204: null },
  }),
  'PUT /api/notifications/:id/read': endpoint({
    ...own,
    summary: 'One of them was opened.',
    budget: 'write',
    params: IdParams,
    answers: { 204: null },
    errors: ['notification.not_found'],
  }),
  'GET /api/push-key': endpoint({
    ...own,
    summary: 'The public key by which browsers know this server’s pushes (VAPID).',
    budget: 'read',
    answers: { 200: z.object({ key: z.string() }) },
  }),
  'POST /api/push-subscriptions': endpoint({
    ...own,
    summary: 'Push to this browser. Ends with the session; the same browser again changes nothing.',
    budget: 'write',
    body: PushSubscriptionBody,
    answers: { 204: null },
    errors: ['push.address_refused'],
  }),
  'DELETE /api/push-subscriptions': endpoint({
    ...own,
    summary: 'Push to it no longer.',
    budget: 'write',
    body: z.strictObject({ endpoint: z.string().max(limits.pushEndpointLength) }),
    answers: { 204: null },
  }),
}
