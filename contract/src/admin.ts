import { z } from 'zod'
import { Role, UserSummary } from './accounts.ts'
import { cleanLine, cleanLines } from './clean-text.ts'
import { Id, IdParams, listOf, PageQuery, Timestamp, textOf, UsernameParams } from './common.ts'
import { endpoint } from './endpoint.ts'
import { Invitation } from './invitations.ts'
import { limits } from './limits.ts'
import { ModerationLogEntry } from './moderation.ts'
import { accountStates } from './roles.ts'

/** Who may make an account of their own: everybody, whom an admin lets in, whom somebody invited, or nobody. */
export const SignUpMode = z.enum(['open', 'approval', 'invitation', 'closed'])
export type SignUpMode = z.output<typeof SignUpMode>

const line = (max: number) =>
  textOf(max).refine((text) => !/\p{Cc}/u.test(text), 'must be one line, without control characters')
/** Whatever else an address could begin with (`javascript:`) is nothing that a page should link to. */
export const webAddress = z
  .string()
  .max(300)
  .regex(/^https?:\/\/[^\s"'<>]+$/, 'must be an http or https address')
const languageTag = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag, like en or pt-BR')

/** What those who run the server say of it. */
export const InstanceText = z.strictObject({
  name: line(limits.instanceNameLength).refine((name) => cleanLine(name) !== '', 'must not be empty'),
  description: textOf(limits.instanceTextLength),
  /** Each a sentence or two. */
  rules: z
    .array(textOf(limits.instanceRuleLength).refine((rule) => cleanLines(rule) !== '', 'must not be empty'))
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
  'account.emails_listed',
  'account.email_verified',
  'account.quota_changed',
  'account.deletion_begun',
  'account.deletion_ended',
  'account.deleted',
  'account.second_factor_removed',
  'account.evidence_seen',
  'account.exported',
  'account.verification_granted',
  'account.verification_refused',
  'account.verification_revoked',
  'sign_up.approved',
  'sign_up.refused',
  'invitation.created',
  'invitation.withdrawn',
  'instance.changed',
  'owner_link.made',
  'mail.read',
  'jobs.retried',
  'keys.changed',
  'keys.forgotten',
  'storage.collected',
  'storage.moved',
  'storage.repaired',
  'media.rerendered',
  'edge.key_told',
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

/** One line of either log. */
export const LogLine = z.discriminatedUnion('kind', [
  AdminLogEntry.extend({ kind: z.literal('act') }),
  ModerationLogEntry.extend({ kind: z.literal('decision') }),
])
export type LogLine = z.output<typeof LogLine>

const AccountState = z.enum(accountStates)

export const AdminAccountItem = UserSummary.extend({
  state: AccountState,
  roles: z.array(Role),
  isPrivate: z.boolean(),
  createdAt: Timestamp,
})
export type AdminAccountItem = z.output<typeof AdminAccountItem>

export const AnyInvitation = Invitation.omit({ note: true }).extend({
  /** Username; null: the operator. */
  by: z.string().nullable(),
  /** Its maker may still invite; otherwise it lets nobody in, unless they may again. */
  counts: z.boolean(),
})
export type AnyInvitation = z.output<typeof AnyInvitation>

/** What the one who looks may do with an account: pages offer nothing else. */
export const AdminPower = z.enum([
  'let_in',
  'suspend',
  'roles',
  'email',
  'password',
  'second_factor',
  /** Put the mark beside the name, or take it away. */
  'verification',
  'delete',
  'keep',
  'step_down',
])
export type AdminPower = z.output<typeof AdminPower>

/** Never the address, and nothing of what somebody shared: a look at the address is an act of its own. */
export const AdminAccount = AdminAccountItem.extend({
  emailVerified: z.boolean(),
  followerCount: z.number().int(),
  followingCount: z.number().int(),
  postCount: z.number().int(),
  suspension: z.object({ reason: z.string(), until: Timestamp.nullable() }).nullable(),
  /** It is about to be deleted; until then its holder has it back by signing in. */
  deleteAt: Timestamp.nullable(),
  /** For admins. */
  sessionCount: z.number().int().nullable(),
  storage: z.object({ usedBytes: z.number().int(), quotaBytes: z.number().int().nullable() }).nullable(),
  powers: z.array(AdminPower),
})
export type AdminAccount = z.output<typeof AdminAccount>

/** Null: for admins. */
export const AdminOverview = z.object({
  reportsWaiting: z.number().int(),
  verificationsWaiting: z.number().int().nullable(),
  accounts: z
    .object({
      total: z.number().int(),
      active: z.number().int(),
      suspended: z.number().int(),
      /** Whoever waits to be let in. */
      waiting: z.number().int(),
      /** Of the last seven days. */
      fresh: z.number().int(),
    })
    .nullable(),
  storage: z.object({ usedBytes: z.number().int() }).nullable(),
  jobs: z.object({ waiting: z.number().int(), failed: z.number().int() }).nullable(),
  /** What each does, and on which machine. */
  processes: z.array(z.object({ roles: z.string(), host: z.string() })).nullable(),
})
export type AdminOverview = z.output<typeof AdminOverview>

/** How much waits for the one who looks. Null: for admins. */
export const AdminWaiting = z.object({
  /** Reported, or held back before anybody saw it. */
  reports: z.number().int(),
  /** Requests to be verified. */
  verifications: z.number().int().nullable(),
  /** People who want to be let in. */
  signUps: z.number().int().nullable(),
})
export type AdminWaiting = z.output<typeof AdminWaiting>

const reason = textOf(limits.suspensionReasonLength).refine((text) => text.trim() !== '', 'must say why')

export const NewAccountState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('suspended'), reason, until: Timestamp.nullable().optional() }),
  /** To be deleted in 30 days, for somebody who asks for it and cannot sign in. */
  z.strictObject({ state: z.literal('deactivated'), reason }),
  z.strictObject({ state: z.literal('active'), note: textOf(limits.suspensionReasonLength).optional() }),
])

const tag = 'Administration'
/** To everybody else there is nothing here. */
const roles = ['request.not_found', 'auth.roles_rest'] as const
/** Moderators are told that it is not theirs to do. */
const admins = ['request.not_found', 'auth.forbidden', 'auth.roles_rest'] as const

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
    proof: true,
    body: InstanceText,
    answers: { 200: Instance },
    errors: admins,
  }),
  'GET /api/admin/overview': endpoint({
    summary: 'How much there is, and what waits. Moderators see what waits for them.',
    tag,
    auth: 'required',
    budget: 'read',
    answers: { 200: AdminOverview },
    errors: roles,
  }),
  'GET /api/admin/waiting': endpoint({
    summary: 'How much waits for a decision, and nothing of it. For those with a role.',
    tag,
    auth: 'required',
    budget: 'read',
    answers: { 200: AdminWaiting },
    errors: roles,
  }),
  'GET /api/admin/accounts': endpoint({
    summary: 'Accounts, newest first; with `prefix` by name. For those with a role.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery.extend({
      state: AccountState.optional(),
      role: Role.optional(),
      /** Of the username or the full name. */
      prefix: z.string().min(1).max(limits.fullNameLength).optional(),
    }),
    answers: { 200: listOf(AdminAccountItem) },
    errors: roles,
  }),
  'GET /api/admin/accounts/:username': endpoint({
    summary: 'One account, as those who look after it see it. For those with a role.',
    tag,
    auth: 'required',
    budget: 'read',
    params: UsernameParams,
    answers: { 200: AdminAccount },
    errors: [...roles, 'user.not_found'],
  }),
  'PUT /api/admin/accounts/:username/state': endpoint({
    summary:
      'Suspend an account, or end that: its holder reads the reason when they sign in. Of accounts whose role is below one’s own. `deactivated` deletes it in 30 days, unless its holder signs in or it is made active again; for admins, and of accounts without a role.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: UsernameParams,
    body: NewAccountState,
    answers: { 200: AdminAccount },
    errors: [...admins, 'user.not_found', 'admin.until_past', 'admin.suspended_above', 'account.has_role'],
  }),
  'POST /api/admin/accounts/:username/sign-up-decision': endpoint({
    summary: 'Let somebody in who waits, who is told by mail, or take the account away. For admins.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: UsernameParams,
    body: z.strictObject({
      decision: z.enum(['approve', 'refuse']),
      note: textOf(limits.suspensionReasonLength).optional(),
    }),
    answers: { 204: null },
    errors: [...admins, 'user.not_found'],
  }),
  'PUT /api/admin/accounts/:username/roles': endpoint({
    summary:
      'Give or take roles below one’s own; owners make owners, and everybody may give back their own. For admins.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: UsernameParams,
    body: z.strictObject({ roles: z.array(Role).max(Role.options.length) }),
    answers: { 200: AdminAccount },
    errors: [...admins, 'user.not_found', 'admin.last_owner'],
  }),
  'POST /api/admin/accounts/:username/email-look': endpoint({
    summary:
      'The e-mail address of an account, to help its holder in again. Written down with the reason. For admins.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: UsernameParams,
    body: z.strictObject({ reason }),
    answers: { 200: z.object({ email: z.string(), emailVerified: z.boolean() }) },
    errors: [...admins, 'user.not_found'],
  }),
  'POST /api/admin/accounts/:username/password-reset': endpoint({
    summary:
      'Mail a link that sets a new password to the proven address of an account; nobody else is shown it. For admins.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: UsernameParams,
    body: z.strictObject({ reason }),
    answers: { 204: null },
    errors: [...admins, 'user.not_found', 'admin.email_unproven', 'admin.reset_not_mailed'],
  }),
  'POST /api/admin/accounts/:username/second-factor-reset': endpoint({
    summary:
      'For a holder who lost passkeys, app and codes: the password alone opens the account again. Ends all sessions. For admins.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: UsernameParams,
    body: z.strictObject({ reason }),
    answers: { 204: null },
    errors: [...admins, 'user.not_found'],
  }),
  'GET /api/admin/invitations': endpoint({
    summary:
      'Open invitations of everybody, newest first; what was noted with them is their makers’. For admins.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(AnyInvitation) },
    errors: admins,
  }),
  'DELETE /api/admin/invitations/:id': endpoint({
    summary: 'Withdraw an invitation, whoever made it: whoever came by it stays. For admins.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: IdParams,
    answers: { 204: null },
    errors: [...admins, 'invitation.not_found'],
  }),
  'GET /api/admin/log': endpoint({
    summary:
      'What those who run the server did and decided, newest first; about one account, by one of them, or of one kind. Moderators see decisions and suspensions.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery.extend({
      kind: z.enum(['act', 'decision']).optional(),
      account: z.string().min(1).max(64).optional(),
      by: z.string().min(1).max(64).optional(),
    }),
    answers: { 200: listOf(LogLine) },
    errors: [...roles, 'user.not_found'],
  }),
}
