import { z } from 'zod'
import { Id, listOf, PageQuery, Timestamp, textOf } from './common.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'

/** Who may make an account of their own: everybody, whom an admin lets in, whom somebody invited, or nobody. */
export const SignUpMode = z.enum(['open', 'approval', 'invitation', 'closed'])
export type SignUpMode = z.output<typeof SignUpMode>

const line = (max: number) =>
  textOf(max).refine((text) => !/\p{Cc}/u.test(text), 'must be one line, without control characters')
/** Whatever else an address could begin with (`javascript:`) is nothing that a page should link to. */
const webAddress = z
  .string()
  .max(300)
  .regex(/^https?:\/\/[^\s"'<>]+$/, 'must be an http or https address')
const languageTag = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag, like en or pt-BR')

/** What those who run the server say of it. */
export const InstanceText = z.strictObject({
  name: line(limits.instanceNameLength).refine((name) => name.trim() !== '', 'must not be empty'),
  description: textOf(limits.instanceTextLength),
  /** Each a sentence or two. */
  rules: z
    .array(textOf(limits.instanceRuleLength).refine((rule) => rule.trim() !== '', 'must not be empty'))
    .max(limits.instanceRules),
  /** How to reach those who run it: an e-mail address, a web address, or words. Everybody reads it. */
  contact: line(limits.instanceContactLength),
  terms: textOf(limits.instanceTermsLength),
  /** That people speak here. */
  languages: z.array(languageTag).max(limits.instanceLanguages),
  /** Where the source of the software that runs here is, as its licence (AGPL-3.0) wants it. */
  sourceUrl: webAddress.nullable(),
})
export type InstanceText = z.output<typeof InstanceText>

export const Instance = z.object({
  ...InstanceText.shape,
  signUp: SignUpMode,
  /** In years; 0: nobody is asked. */
  minimumAge: z.number().int(),
  /** Of the software. */
  version: z.string(),
})
export type Instance = z.output<typeof Instance>

/** What can be done, in the past tense, with what it is about in front. */
export const adminActs = [
  'account.created',
  'account.suspended',
  'account.unsuspended',
  'account.roles_changed',
  'account.password_reset',
  'account.email_seen',
  'account.email_verified',
  'account.quota_changed',
  'account.second_factor_removed',
  'account.verification_granted',
  'account.verification_refused',
  'account.verification_revoked',
  'sign_up.approved',
  'sign_up.refused',
  'invitation.created',
  'invitation.withdrawn',
  'instance.changed',
  'jobs.retried',
] as const
export const AdminAct = z.enum(adminActs)
export type AdminAct = z.output<typeof AdminAct>

export const AdminLogEntry = z.object({
  id: Id,
  act: AdminAct,
  at: Timestamp,
  by: z.enum(['person', 'operator', 'server']),
  /** Names as they were then. */
  actor: z.string().nullable(),
  subject: z.string().nullable(),
  note: z.string(),
  before: z.record(z.string(), z.unknown()),
  after: z.record(z.string(), z.unknown()),
})
export type AdminLogEntry = z.output<typeof AdminLogEntry>

const tag = 'Administration'
/** To everybody else there is nothing here; moderators are told that it is not theirs to do. */
const admins = ['request.not_found', 'auth.forbidden'] as const

export const adminEndpoints = {
  'GET /api/instance': endpoint({
    summary: 'What this server is, its rules, and who may sign up.',
    tag,
    auth: 'none',
    budget: 'read',
    answers: { 200: Instance },
  }),
  'PUT /api/admin/instance': endpoint({
    summary: 'Change what the server says of itself. For admins.',
    tag,
    auth: 'required',
    budget: 'write',
    body: InstanceText,
    answers: { 200: Instance },
    errors: admins,
  }),
  'GET /api/admin/log': endpoint({
    summary: 'What those who run the server did, newest first. For admins.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(AdminLogEntry) },
    errors: admins,
  }),
}
