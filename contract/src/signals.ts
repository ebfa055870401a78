import { z } from 'zod'
import { UserSummary } from './accounts.ts'
import { Id, IdParams, listOf, PageQuery, Timestamp } from './common.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'

const tag = 'Signals'

/** What clients tell; everything else the server knows from what is done on it. */
export const SentSignalKind = z.enum(['impression', 'profile_visit', 'hashtag_tap', 'session'])
export type SentSignalKind = z.output<typeof SentSignalKind>

/**
 * `impression` names a post and for how long it was looked at, `profile_visit` a person, `hashtag_tap` a hashtag; a
 * `session` began at `at` and lasted `dwellMs`. The `id` is made by the client; the same one again counts nothing.
 */
export const SentSignal = z
  .strictObject({
    id: z.string().min(1).max(40),
    kind: SentSignalKind,
    at: Timestamp,
    postId: Id.optional(),
    userId: Id.optional(),
    username: z.string().min(1).max(64).optional(),
    tag: z.string().min(1).max(limits.hashtagLength).optional(),
    /** Where in the app it was. */
    surface: z
      .string()
      .regex(/^[a-z_]{1,20}$/)
      .optional(),
    dwellMs: z
      .number()
      .int()
      .min(0)
      .max(24 * 60 * 60 * 1000)
      .optional(),
  })
  .refine(isWhole, 'an impression needs postId, a profile_visit userId or username, a hashtag_tap tag')
export type SentSignal = z.output<typeof SentSignal>

function isWhole(signal: {
  kind: SentSignalKind
  postId?: string | undefined
  userId?: string | undefined
  username?: string | undefined
  tag?: string | undefined
}): boolean {
  if (signal.kind === 'impression') return signal.postId !== undefined
  if (signal.kind === 'profile_visit') return signal.userId !== undefined || signal.username !== undefined
  return signal.kind !== 'hashtag_tap' || signal.tag !== undefined
}

export const SignalKind = z.enum([
  ...SentSignalKind.options,
  'like',
  'comment',
  'save',
  'share',
  'follow',
  'hide',
  'message',
  'story_view',
  'story_reaction',
  'received_like',
  'received_comment',
  'received_follow',
  'received_message',
  'received_story_reaction',
])
export type SignalKind = z.output<typeof SignalKind>

/** One row of what is kept of a person, as that person may read it. */
export const KeptSignal = z.object({
  id: Id,
  kind: SignalKind,
  at: Timestamp,
  postId: Id.nullable(),
  /** Whose post, or whom it was about; null: nobody, or no longer to be seen. */
  username: z.string().nullable(),
  tag: z.string().nullable(),
  surface: z.string().nullable(),
  dwellMs: z.number().int().nullable(),
})

/** Weakest 0 to strongest 1, among those of its list. */
const strength = z.number().min(0).max(1)
const named = z.array(z.object({ name: z.string(), strength }))

export const Interests = z.object({
  personalisation: z.boolean(),
  people: z.array(z.object({ user: UserSummary, strength })),
  hashtags: named,
  places: named,
  words: named,
  media: z.array(z.object({ kind: z.enum(['photo', 'carousel', 'short_video', 'long_video']), strength })),
  /** Share of what was looked at in each hour of the local day; 24 of them. */
  hours: z.array(z.number().min(0).max(1)),
  usualSessionSeconds: z.number().nullable(),
  usualHoursBetweenSessions: z.number().nullable(),
})
export type Interests = z.output<typeof Interests>

export const signalsEndpoints = {
  'POST /api/signals': endpoint({
    summary: 'Tell what was looked at. What one may not see, one’s own and repetitions count nothing.',
    tag,
    auth: 'required',
    budget: 'write',
    body: z.strictObject({
      signals: z.array(SentSignal).min(1).max(limits.signalsPerRequest),
      /** By the clock that `at` is of. Without it nothing of the first five minutes after erasing is kept: it may be ahead. */
      sentAt: Timestamp.optional(),
    }),
    /** How many were understood; whether one counted is not told. */
    answers: { 202: z.object({ accepted: z.number().int() }) },
  }),
  'GET /api/me/signals': endpoint({
    summary: 'Everything kept about what one looked at and did, newest first, for 90 days.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(KeptSignal) },
  }),
  'DELETE /api/me/signals': endpoint({
    summary: 'Erase all of it, and what was learned from it.',
    tag,
    auth: 'required',
    budget: 'write',
    answers: { 204: null },
  }),
  'GET /api/me/interests': endpoint({
    summary: 'What the feed makes of it.',
    tag,
    auth: 'required',
    budget: 'read',
    answers: { 200: Interests },
  }),
  'PUT /api/posts/:id/hidden': endpoint({
    summary: 'Show less of this: the post leaves one’s feeds, and others like it sink a little.',
    tag,
    auth: 'required',
    budget: 'write',
    params: IdParams,
    answers: { 204: null },
    errors: ['post.not_found', 'post.not_ready'],
  }),
  'DELETE /api/posts/:id/hidden': endpoint({
    summary: 'Take that back.',
    tag,
    auth: 'required',
    budget: 'write',
    params: IdParams,
    answers: { 204: null },
    errors: ['post.not_found'],
  }),
}
