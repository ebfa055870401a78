import { z } from 'zod'
import { Id, listOf, PageQuery, Timestamp, textOf, UsernameParams } from './common.ts'
import { endpoint } from './endpoint.ts'
import { feedModes } from './feed-modes.ts'
import { interactionShapes } from './interactions.ts'
import { limits } from './limits.ts'
import { Language, preferencePatches, preferenceShapes } from './preferences.ts'

export const Relationship = z.object({
  self: z.boolean(),
  following: z.enum(['no', 'requested', 'yes']),
  followedBy: z.boolean(),
  requestedBy: z.boolean(),
  blocking: z.boolean(),
  muting: z.array(z.enum(['posts', 'stories'])),
  /** Marked among those whom one follows: their posts have a feed of their own. */
  favourite: z.boolean(),
  /** Their comments under one's posts wait until one approves them; they do not learn of it. */
  restricting: z.boolean(),
  /** On the viewer's list of close friends. Whether the viewer is on theirs is told by what they see alone. */
  closeFriend: z.boolean(),
  /** The viewer's Stories are hidden from them; they do not learn of it. */
  storyHidden: z.boolean(),
})
export type Relationship = z.output<typeof Relationship>

/** How a person is named beside a post, a comment or in a list. `avatarUrl` is the 150-pixel one. */
export const UserSummary = z.object({
  id: Id,
  username: z.string(),
  fullName: z.string(),
  avatarUrl: z.string().nullable(),
  isVerified: z.boolean(),
})
export type UserSummary = z.output<typeof UserSummary>

/** A row of a list of people. */
export const UserListItem = UserSummary.extend({
  isPrivate: z.boolean(),
  relationship: Relationship.nullable(),
})
export type UserListItem = z.output<typeof UserListItem>

export const Avatar = z.object({ small: z.string(), medium: z.string(), large: z.string() })

export const UserProfile = UserSummary.extend({
  bio: z.string(),
  avatar: Avatar.nullable(),
  isPrivate: z.boolean(),
  followerCount: z.number().int(),
  followingCount: z.number().int(),
  postCount: z.number().int(),
  relationship: Relationship.nullable(),
  createdAt: Timestamp,
})
export type UserProfile = z.output<typeof UserProfile>

/** How a feed is ordered. */
export const FeedMode = z.enum(feedModes)
export type FeedMode = z.output<typeof FeedMode>

/** Who may see whom an account follows and who follows it. */
export const ListsVisibleTo = z.enum(['everyone', 'followers', 'nobody'])
export type ListsVisibleTo = z.output<typeof ListsVisibleTo>

export const Theme = z.enum(['system', 'light', 'dark'])
export const Role = z.enum(['owner', 'admin', 'moderator'])
export type Role = z.output<typeof Role>

export const Me = UserProfile.extend({
  email: z.string(),
  emailVerified: z.boolean(),
  /** Asked for, and not proved yet. */
  pendingEmail: z.string().nullable(),
  timeZone: z.string(),
  language: z.string(),
  theme: Theme,
  dataSaver: z.boolean(),
  /** The mode in which an app opens the feed; `GET /api/feed` itself is told. */
  feedMode: FeedMode,
  /** Off: nothing is kept of what one looks at, and the feed is not put in order by it. */
  personalisation: z.boolean(),
  /** Others are not told how many like one's posts, nor who. */
  hideLikeCounts: z.boolean(),
  listsVisibleTo: ListsVisibleTo,
  /** Others may learn when one was here last, and that one is writing; off: one does not learn it of them either. */
  showActivity: z.boolean(),
  /** Others may learn up to where one has read what they wrote; off: one does not learn it of them either. */
  showReadMarks: z.boolean(),
  roles: z.array(Role),
  /** The server wants a second factor of those with a role, and one has none yet: until then one may act as anybody may. */
  rolesRest: z.boolean(),
  /** The server wants a second factor of everybody, and one has none yet: until then nothing but setting one up is answered. */
  needsFactor: z.boolean(),
  /** May invite people to this server. */
  mayInvite: z.boolean(),
  followRequestCount: z.number().int(),
  /** Set while a new picture of oneself is being prepared, or when that failed. */
  avatarStatus: z.enum(['none', 'processing', 'ready', 'failed']),
  ...preferenceShapes,
  ...interactionShapes,
})
export type Me = z.output<typeof Me>

export const Email = z
  .string()
  .trim()
  .max(limits.emailLength)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')
export const NewPassword = z.string().min(limits.passwordMin).max(limits.passwordMax)

export const SignUpBody = z.strictObject({
  username: z.string().max(64),
  email: Email,
  password: NewPassword,
  fullName: textOf(limits.fullNameLength).optional(),
  cookie: z.boolean().optional(),
  /** The owner's one-time code, printed at the first start: makes this account the owner's. */
  ownerCode: z.string().max(200).optional(),
  /** Where the server takes new people by invitation, or has them approved and not these. */
  invitation: z.string().max(200).optional(),
  /** Where the server has a minimum age. Only looked at: that it was enough is all that is kept. */
  birthDate: z.iso.date().optional(),
})

export const SignInBody = z.strictObject({
  login: z.string().min(1).max(limits.emailLength),
  password: z.string().min(1).max(limits.passwordMax),
  cookie: z.boolean().optional(),
})

/** The token of this session from now on: the one of before opens nothing more. A browser gets it as its cookie. */
export const RenewedSession = z.object({ token: z.string().optional() })

/** The account is made, and opens once those who run the server have let it in. */
export const Waiting = z.object({ waiting: z.literal(true) })

/** `token` is left out when a cookie was asked for. */
export const SignedIn = z.object({ token: z.string().optional(), user: Me })

export const MePatch = z
  .strictObject({
    username: z.string().max(64),
    fullName: textOf(limits.fullNameLength),
    bio: textOf(limits.bioLength),
    /**
     * Going private hides what was shared before as well, and refuses media addresses handed out before.
     * Going public accepts all follow requests that wait.
     */
    isPrivate: z.boolean(),
    timeZone: z.string().max(64).refine(isTimeZone, 'must be an IANA time zone'),
    language: Language,
    theme: Theme,
    dataSaver: z.boolean(),
    feedMode: FeedMode,
    /** Switching it off erases what was kept. */
    personalisation: z.boolean(),
    ...preferencePatches,
    ...interactionShapes,
    hideLikeCounts: z.boolean(),
    listsVisibleTo: ListsVisibleTo,
    showActivity: z.boolean(),
    showReadMarks: z.boolean(),
  })
  .partial()

/** A distance to UTC alone (`+01:00`) knows no summer time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

export const Session = z.object({
  id: Id,
  createdAt: Timestamp,
  lastUsedAt: Timestamp,
  userAgent: z.string(),
  current: z.boolean(),
})

const tag = 'Accounts'

export const accountsEndpoints = {
  'POST /api/accounts': endpoint({
    summary: 'Sign up.',
    tag,
    auth: 'none',
    budget: 'signUp',
    body: SignUpBody,
    answers: { 201: SignedIn, 202: Waiting },
    errors: [
      'account.sign_up_closed',
      'account.invitation_needed',
      'account.invitation_invalid',
      'account.birth_date_needed',
      'account.too_young',
      'account.username_taken',
      'account.username_invalid',
      'account.username_reserved',
      'account.password_weak',
      'account.link_invalid',
      'auth.second_factor_needed',
    ],
    idempotent: true,
  }),
  'POST /api/sessions': endpoint({
    summary: 'Sign in with a username, or a verified e-mail address.',
    tag,
    auth: 'none',
    budget: 'signIn',
    body: SignInBody,
    answers: { 201: SignedIn },
    errors: ['auth.wrong_credentials', 'auth.second_factor_needed', 'account.suspended'],
    idempotent: true,
  }),
  'DELETE /api/sessions/current': endpoint({
    summary: 'Sign out.',
    tag,
    auth: 'required',
    budget: 'write',
    answers: { 204: null },
  }),
  'GET /api/sessions': endpoint({
    summary: 'The places where one is signed in.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(Session) },
  }),
  'DELETE /api/sessions': endpoint({
    summary: 'Sign out everywhere: all other sessions, or with `all` this one too.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    query: z.strictObject({ all: z.literal('true').optional() }),
    answers: { 200: z.object({ ended: z.number().int() }) },
  }),
  'DELETE /api/sessions/:id': endpoint({
    summary: 'End a session. Signing out of this one asks for no proof: `DELETE /api/sessions/current`.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: z.object({ id: Id }),
    answers: { 204: null },
  }),
  'PUT /api/me/password': endpoint({
    summary:
      'Change the password: all other sessions end, and this one goes on under a new token (in a cookie, where it came in one). An account with a second factor needs a proof for it: see `POST /api/me/proof`.',
    tag,
    auth: 'required',
    budget: 'signIn',
    body: z.strictObject({ currentPassword: z.string().max(limits.passwordMax), newPassword: NewPassword }),
    answers: { 200: RenewedSession },
    errors: ['auth.wrong_credentials', 'auth.proof_needed', 'account.password_weak'],
  }),
  'POST /api/me/deletion': endpoint({
    summary:
      'Delete the account: hidden at once and all sessions end; signing in before `deleteAt` (30 days) brings it back, afterwards everything of it goes.',
    tag,
    auth: 'required',
    budget: 'changeEmail',
    proof: true,
    answers: { 200: z.object({ deleteAt: Timestamp }) },
    errors: ['account.has_role', 'user.not_found'],
  }),
  'POST /api/email-verifications': endpoint({
    summary: 'Prove an e-mail address by the code that was mailed to it; a changed one while signed in.',
    tag,
    auth: 'optional',
    budget: 'write',
    body: z.strictObject({ code: z.string().max(200) }),
    answers: { 204: null },
    errors: ['account.link_invalid', 'auth.required'],
  }),
  'POST /api/me/email-verification': endpoint({
    summary: 'Have the code for one’s e-mail address mailed again.',
    tag,
    auth: 'required',
    budget: 'changeEmail',
    answers: { 204: null },
  }),
  'GET /api/me': endpoint({
    summary: 'Own profile and settings.',
    tag,
    auth: 'required',
    budget: 'read',
    answers: { 200: Me },
  }),
  'PATCH /api/me': endpoint({
    summary: 'Change profile and settings.',
    tag,
    auth: 'required',
    budget: 'write',
    body: MePatch,
    answers: { 200: Me },
    errors: [
      'account.username_taken',
      'account.username_invalid',
      'account.username_reserved',
      'account.username_changed_recently',
    ],
  }),
  'GET /api/users/:username': endpoint({
    summary: 'A profile. Names that changed in the last 30 days answer with the new one.',
    tag,
    auth: 'optional',
    budget: 'read',
    params: UsernameParams,
    answers: { 200: UserProfile },
    errors: ['user.not_found'],
  }),
  'GET /api/users': endpoint({
    summary: 'People whose username or name begins with `prefix`: completion of @mentions.',
    tag,
    auth: 'required',
    budget: 'read',
    query: z.strictObject({ prefix: z.string().min(1).max(limits.usernameLength) }),
    answers: { 200: listOf(UserListItem) },
  }),
}
