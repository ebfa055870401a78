import { z } from 'zod'
import { UserSummary } from './accounts.ts'
import { webAddress } from './admin.ts'
import { cleanLine } from './clean-text.ts'
import { Id, IdParams, listOf, PageQuery, Timestamp, textOf, UsernameParams } from './common.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'

/** As what somebody is known. */
export const VerificationCategory = z.enum([
  'photographer',
  'artist',
  'journalist',
  'public_figure',
  'business',
  'organisation',
  'government',
  'other',
])
export type VerificationCategory = z.output<typeof VerificationCategory>

/** `lost`: the mark went because the name or username was changed. */
export const VerificationState = z.enum(['waiting', 'granted', 'refused', 'withdrawn', 'revoked', 'lost'])
export type VerificationState = z.output<typeof VerificationState>

const line = (max: number) =>
  textOf(max).refine((text) => cleanLine(text) !== '' && !/\p{Cc}/u.test(text), 'must be one line of text')

export const VerificationBody = z.strictObject({
  category: VerificationCategory,
  /** As it stands on the evidence. Only admins read it, and it is erased with the evidence. */
  fullName: line(limits.fullNameLength),
  /** The name that people know. */
  knownAs: line(limits.fullNameLength).optional(),
  /** Where others write about one. */
  links: z.array(webAddress).max(limits.verificationLinks).optional(),
  /** Uploads of the purpose `evidence`: JPEG, PNG, WebP or PDF. Only admins see them. */
  evidence: z.array(Id).min(1).max(limits.evidencePerRequest),
})

/** A request as the person sees it. */
export const VerificationRequest = z.object({
  id: Id,
  state: VerificationState,
  category: VerificationCategory,
  createdAt: Timestamp,
  decidedAt: Timestamp.nullable(),
  /** Why it was refused or the mark taken away; empty otherwise. */
  reason: z.string(),
})
export type VerificationRequest = z.output<typeof VerificationRequest>

export const OwnVerification = z.object({
  isVerified: z.boolean(),
  /** The last one. */
  request: VerificationRequest.nullable(),
  /** Null: at once. */
  mayAskAt: Timestamp.nullable(),
})
export type OwnVerification = z.output<typeof OwnVerification>

export const EvidenceType = z.enum(['image/jpeg', 'image/png', 'image/webp', 'application/pdf'])
export type EvidenceType = z.output<typeof EvidenceType>

/** That somebody asks, as admins see it: nothing of what was sent. */
export const VerificationItem = VerificationRequest.extend({ user: UserSummary })
export type VerificationItem = z.output<typeof VerificationItem>

/** With what was sent: each look is written down. */
export const VerificationCase = VerificationItem.extend({
  fullName: z.string(),
  knownAs: z.string(),
  links: z.array(z.string()),
  /** Empty once it has been erased. */
  evidence: z.array(z.object({ id: Id, type: EvidenceType, bytes: z.number().int() })),
  evidenceUntil: Timestamp.nullable(),
})
export type VerificationCase = z.output<typeof VerificationCase>

const reason = textOf(limits.moderationNoteLength)
const needsReason = { error: 'say why: the person reads it', path: ['reason'] }

export const VerificationDecision = z
  .strictObject({
    decision: z.enum(['grant', 'refuse']),
    /** The account's names as they stood beside the evidence: with others by now it is `verification.changed`. */
    username: z.string().max(limits.usernameLength),
    fullName: textOf(limits.fullNameLength),
    /** The person reads it; needed to refuse. */
    reason: reason.optional(),
  })
  .refine((body) => body.decision === 'grant' || (body.reason ?? '').trim() !== '', needsReason)

export const VerifiedBody = z
  .strictObject({
    isVerified: z.boolean(),
    /** Of the account as it was seen; needed to verify it, as is its present username. */
    fullName: textOf(limits.fullNameLength).optional(),
    reason: reason.optional(),
  })
  .refine((body) => !body.isVerified || body.fullName !== undefined, {
    error: 'say which name is verified',
    path: ['fullName'],
  })
  .refine((body) => body.isVerified || (body.reason ?? '').trim() !== '', needsReason)

const tag = 'Verification'
const admins = ['request.not_found', 'auth.forbidden', 'auth.roles_rest'] as const

export const verificationEndpoints = {
  'GET /api/me/verification': endpoint({
    summary: 'Whether one is verified, and what became of one’s request.',
    tag,
    auth: 'required',
    budget: 'read',
    answers: { 200: OwnVerification },
  }),
  'POST /api/me/verification-request': endpoint({
    summary: 'Ask to be verified, with evidence that only admins see.',
    tag,
    auth: 'required',
    budget: 'write',
    body: VerificationBody,
    answers: { 201: VerificationRequest },
    errors: [
      'verification.waiting',
      'verification.verified',
      'verification.too_soon',
      'verification.evidence_invalid',
      'upload.not_found',
      'upload.used',
      'upload.incomplete',
      'upload.expired',
      'upload.purpose',
    ],
    idempotent: true,
  }),
  'DELETE /api/me/verification-request': endpoint({
    summary: 'Withdraw the request that waits; its evidence is erased.',
    tag,
    auth: 'required',
    budget: 'write',
    answers: { 204: null },
  }),
  'GET /api/admin/verification-requests': endpoint({
    summary: 'Requests of one state: those that wait the longest first, others the newest first. For admins.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery.extend({ state: VerificationState.default('waiting') }),
    answers: { 200: listOf(VerificationItem) },
    errors: admins,
  }),
  'GET /api/admin/verification-requests/:id': endpoint({
    summary:
      'One request with what was sent; that it was seen is written into the log. For admins, of whom they may decide about.',
    tag,
    auth: 'required',
    budget: 'read',
    proof: true,
    params: IdParams,
    answers: { 200: VerificationCase },
    errors: [...admins, 'verification.not_found'],
  }),
  'GET /api/admin/verification-requests/:id/evidence/:evidenceId': endpoint({
    summary: 'The bytes of a piece of evidence; that they were seen is written into the log. For admins.',
    tag,
    auth: 'required',
    budget: 'read',
    proof: true,
    params: IdParams.extend({ evidenceId: Id }),
    answers: { 200: z.unknown().meta({ description: 'The file as it was uploaded.' }) },
    errors: [...admins, 'verification.not_found'],
  }),
  'PUT /api/admin/verification-requests/:id': endpoint({
    summary:
      'Grant or refuse a request, under the names that were seen. For admins; nobody decides about themselves or, owners apart, about an equal or a superior.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: IdParams,
    body: VerificationDecision,
    answers: { 200: VerificationItem },
    errors: [...admins, 'verification.not_found', 'verification.decided', 'verification.changed'],
  }),
  'PUT /api/admin/accounts/:username/verified': endpoint({
    summary:
      'Verify an account without a request, or take the mark away. For admins, about whom they may decide.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: UsernameParams,
    body: VerifiedBody,
    answers: { 204: null },
    errors: [...admins, 'user.not_found', 'verification.changed'],
  }),
}
