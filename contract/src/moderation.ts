import { z } from 'zod'
import { UserSummary } from './accounts.ts'
import { Id, IdParams, listOf, PageQuery, Timestamp, textOf } from './common.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { MessageAttachment } from './messages.ts'
import { Comment, Post } from './posts.ts'
import { Story } from './stories.ts'

export const reportReasons = [
  'nudity',
  'violence',
  'hate',
  'harassment',
  'self_harm',
  'spam',
  'scam',
  'impersonation',
  'rights',
  'other',
] as const
export const ReportReason = z.enum(reportReasons)
export type ReportReason = z.output<typeof ReportReason>

const note = textOf(limits.moderationNoteLength)

/** Names a post, a comment of a post, a Story, a message, or an account. */
export const NewReport = z
  .strictObject({
    postId: Id.optional(),
    commentId: Id.optional(),
    storyId: Id.optional(),
    username: z.string().min(1).max(64).optional(),
    messageId: Id.optional(),
    reason: ReportReason,
    note: note.optional(),
  })
  .refine(
    ({ postId, commentId, storyId, username, messageId }) =>
      [postId, storyId, username, messageId].filter((one) => one !== undefined).length === 1 &&
      (commentId === undefined || postId !== undefined),
    'names a post, a comment with its post, a Story, a message, or an account',
  )
export type NewReport = z.output<typeof NewReport>

export const ModerationSubject = z.enum(['post', 'comment', 'account', 'message', 'story'])
export type ModerationSubject = z.output<typeof ModerationSubject>

export const WordSeverity = z.enum(['mild', 'strong', 'severe'])
export type WordSeverity = z.output<typeof WordSeverity>

/** What the server itself noticed. */
export const ModerationFinding = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('picture'),
    mediaId: Id,
    /** Of the network; null: it could not be looked at. */
    model: z.string().nullable(),
    /** 0 to 1 by class. */
    scores: z.record(z.string(), z.number()).nullable(),
  }),
  /** It looks like one that was removed: how many of 64 bits differ. */
  z.object({ kind: z.literal('resembles'), mediaId: Id, distance: z.number().int() }),
  z.object({
    kind: z.literal('words'),
    field: z.enum([
      'caption',
      'altText',
      'captions',
      'metadata',
      'place',
      'comment',
      'username',
      'fullName',
      'bio',
    ]),
    severity: WordSeverity,
    /** As they were written. */
    words: z.array(z.string()),
  }),
])
export type ModerationFinding = z.output<typeof ModerationFinding>

/** As its reporter had it, whatever became of it; of its conversation nothing else is shown. */
export const ReportedMessage = z.object({
  id: Id,
  text: z.string(),
  attachments: z.array(MessageAttachment),
  createdAt: Timestamp,
  editedAt: Timestamp.nullable(),
})
export type ReportedMessage = z.output<typeof ReportedMessage>

export const ModerationCase = z.object({
  id: Id,
  /** Of what is shown here; a decision names the one that it was made about. */
  version: z.string(),
  subject: ModerationSubject,
  openedAt: Timestamp,
  /** Of the post, the comment or the account itself. */
  author: UserSummary,
  bio: z.string().optional(),
  post: Post.nullable(),
  comment: Comment.nullable(),
  message: ReportedMessage.nullable(),
  story: Story.nullable(),
  findings: z.array(ModerationFinding),
  reportCount: z.number().int(),
  reasons: z.array(z.object({ reason: ReportReason, count: z.number().int() })),
  /** What people wrote with their reports, the newest few; by whom is not told. */
  notes: z.array(z.object({ reason: ReportReason, note: z.string(), createdAt: Timestamp })),
})
export type ModerationCase = z.output<typeof ModerationCase>

/** `sensitive` is for posts; `remove` takes a post, a comment, a message or a Story away and suspends an account. */
export const moderationActs = ['approve', 'sensitive', 'remove'] as const
export const ModerationAct = z.enum(moderationActs)
export type ModerationAct = z.output<typeof ModerationAct>

export const ModerationDecision = z.object({ id: Id, act: ModerationAct, decidedAt: Timestamp })

export const ModerationLogEntry = z.object({
  id: Id,
  caseId: Id.nullable(),
  act: z.enum([...moderationActs, 'unblock_picture']),
  at: Timestamp,
  /** Names as they were then; null: the operator, at the command line. */
  actor: z.string().nullable(),
  subject: z.enum([...ModerationSubject.options, 'picture']),
  subjectId: Id,
  /** The post itself, or the one that the comment stands under. */
  postId: Id.nullable(),
  author: z.string().nullable(),
  note: z.string(),
  before: z.record(z.string(), z.unknown()),
  after: z.record(z.string(), z.unknown()),
})
export type ModerationLogEntry = z.output<typeof ModerationLogEntry>

const tag = 'Moderation'
/** To everybody else there is nothing here. */
const moderators = ['request.not_found', 'auth.roles_rest'] as const

export const moderationEndpoints = {
  'POST /api/reports': endpoint({
    summary:
      'Report a post, a comment, a Story, a message or an account. Again the same is the same report until it is decided.',
    tag,
    auth: 'required',
    budget: 'report',
    body: NewReport,
    answers: { 201: z.object({ id: Id }) },
    errors: [
      'post.not_found',
      'comment.not_found',
      'story.not_found',
      'message.not_found',
      'user.not_found',
      'report.self',
    ],
    idempotent: true,
  }),
  'GET /api/moderation/queue': endpoint({
    summary: 'What waits for a decision, oldest first. For moderators.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(ModerationCase) },
    errors: moderators,
  }),
  'GET /api/moderation/queue/:id': endpoint({
    summary: 'One that waits, as it is now. For moderators.',
    tag,
    auth: 'required',
    budget: 'read',
    params: IdParams,
    answers: { 200: ModerationCase },
    errors: [...moderators, 'moderation.not_found'],
  }),
  'POST /api/moderation/queue/:id/decision': endpoint({
    summary:
      'Decide about what the queue showed: `moderation.changed` when it is another by now. The same decision again changes nothing; another one is `moderation.decided`. Suspending asks for proof and a note, which its holder reads; a suspension that stands stays as it is.',
    tag,
    auth: 'required',
    budget: 'write',
    params: IdParams,
    body: z.strictObject({ act: ModerationAct, version: z.string().max(64), note: note.optional() }),
    answers: { 200: ModerationDecision },
    errors: [
      ...moderators,
      'auth.forbidden',
      'auth.proof_needed',
      'moderation.not_found',
      'moderation.decided',
      'moderation.changed',
      'moderation.note_needed',
      'moderation.act',
    ],
  }),
  'GET /api/moderation/log': endpoint({
    summary: 'What was decided, newest first. For moderators.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(ModerationLogEntry) },
    errors: moderators,
  }),
}
