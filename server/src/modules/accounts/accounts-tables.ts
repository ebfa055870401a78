import type { FeedMode, ListsVisibleTo, Role } from '@heliograph/contract/accounts'
import type { Audience } from '@heliograph/contract/common'
import type { Autoplay, Digest, Language, NotificationChoices } from '@heliograph/contract/preferences'
import type { ColumnType } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'
import type { FactorsEvents, FactorsTables } from './second-factors/factors-tables.ts'

/** `waiting`: signed up, not let in yet; to everybody else they are not there. */
export type AccountState = 'waiting' | 'active' | 'deactivated' | 'suspended' | 'deleted'
export type AvatarStatus = 'none' | 'processing' | 'ready' | 'failed'

export interface UsersTable {
  bucket: number
  id: Id
  username: string
  email: string
  email_verified_at: Date | null
  /** Asked for, and not proved yet. */
  pending_email: ColumnType<string | null, string | null | undefined, string | null>
  full_name: string
  bio: string
  /** The picture chosen last; it may still be in the making. */
  avatar_media_id: Id | null
  /** Where the picture shown now is kept; its form is the media module's business. */
  avatar_key: string | null
  avatar_status: AvatarStatus
  is_verified: boolean
  is_private: boolean
  state: AccountState
  /** Raised when sight is taken away: every media address signed before is refused. */
  sight_epoch: number
  roles: Role[]
  time_zone: string
  language: Language
  theme: 'system' | 'light' | 'dark'
  data_saver: boolean
  feed_mode: FeedMode
  /** False: nothing is kept of what they look at. */
  personalisation: ColumnType<boolean, boolean | undefined, boolean>
  lists_visible_to: ColumnType<ListsVisibleTo, ListsVisibleTo | undefined, ListsVisibleTo>
  hide_like_counts: ColumnType<boolean, boolean | undefined, boolean>
  show_activity: ColumnType<boolean, boolean | undefined, boolean>
  show_read_marks: ColumnType<boolean, boolean | undefined, boolean>
  /** Has shared something with some alone; never taken back. */
  shares_limited: ColumnType<boolean, boolean | undefined, boolean>
  created_at: Date
  suspension_reason: ColumnType<string | null, string | null | undefined, string | null>
  /** Null: until somebody ends it. */
  suspended_until: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** Place in `roleRanks` of who suspended it; null: not suspended, or before that was kept. */
  suspended_rank: ColumnType<number | null, number | null | undefined, number | null>
  state_before: ColumnType<AccountState | null, AccountState | null | undefined, AccountState | null>
  /** Its owner deletes it: until then they have it back by signing in. */
  delete_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** Nothing is left of it but this row, which names nobody. */
  erased_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}

export interface UserCountsTable {
  bucket: number
  user_id: Id
  follower_count: number
  following_count: number
  post_count: number
}

export interface UsernameClaimsTable {
  bucket: number
  username: string
  user_id: Id
  /** Set when the account took another name: redirects until then, free after. */
  released_until: Date | null
}

export interface EmailClaimsTable {
  bucket: number
  email: string
  user_id: Id
}

export interface CredentialsTable {
  bucket: number
  user_id: Id
  password_hash: string
  changed_at: Date
}

export interface SessionsTable {
  bucket: number
  user_id: Id
  id: Id
  token_hash: Buffer
  user_agent: string
  created_at: Date
  last_used_at: Date
  /** When whoever holds it last showed who they are; null for sessions older than the column. */
  proved_at: Date | null
  expires_at: Date
}

export type CodePurpose = 'owner' | 'email' | 'email_undo' | 'reset'

export interface OneTimeCodesTable {
  bucket: number
  code_hash: Buffer
  purpose: CodePurpose
  user_id: Id | null
  /** What it proves or undoes. */
  about: string | null
  expires_at: Date | null
  used_at: Date | null
}

export interface PreferencesTable {
  bucket: number
  user_id: Id
  autoplay: Autoplay
  default_audience: Audience
  share_metadata: boolean
  keep_story_archive: ColumnType<boolean, boolean | undefined, boolean>
  notifications: ColumnType<Partial<NotificationChoices>, string, string>
  /** `22:30`; both or neither. */
  quiet_from: ColumnType<string | null, string | null | undefined, string | null>
  quiet_to: ColumnType<string | null, string | null | undefined, string | null>
  push_text: ColumnType<boolean, boolean | undefined, boolean>
  digest: ColumnType<Digest, Digest | undefined, Digest>
}

export interface InvitationsTable {
  bucket: number
  id: Id
  /** Null: the operator. */
  created_by: Id | null
  code_hash: Buffer
  note: string
  max_uses: number
  used: number
  expires_at: Date
  created_at: Date
}

export interface KnownDevicesTable {
  bucket: number
  user_id: Id
  mark: Buffer
  last_at: Date
}

/** Kept for a day: who was told that somebody gave their address. */
export interface AddressNoticesTable {
  bucket: number
  user_id: Id
  asker_id: Id
  told_at: Date
}

/** Kept for a day: how many mails went to the letter box of nobody here. */
export interface AddressMailsTable {
  bucket: number
  /** HMAC. */
  mark: Buffer
  mailed: number
  since: Date
}

/** By which invitation somebody came. */
export interface InvitedTable {
  bucket: number
  user_id: Id
  invitation_id: Id
  invited_by: Id | null
}

/** Those that can still be undone; until then the old address stays claimed. */
export interface EmailChangesTable {
  bucket: number
  id: Id
  user_id: Id
  old_email: string
  new_email: string
  undo_until: Date
}

/** In the bucket of what was typed, whether or not anybody has that name. */
export interface ResetRequestsTable {
  bucket: number
  id: Id
  login: string
}

export interface AccountsTables extends FactorsTables {
  users: UsersTable
  preferences: PreferencesTable
  user_counts: UserCountsTable
  username_claims: UsernameClaimsTable
  email_claims: EmailClaimsTable
  credentials: CredentialsTable
  sessions: SessionsTable
  one_time_codes: OneTimeCodesTable
  email_changes: EmailChangesTable
  reset_requests: ResetRequestsTable
  invitations: InvitationsTable
  invited: InvitedTable
  known_devices: KnownDevicesTable
  address_notices: AddressNoticesTable
  address_mails: AddressMailsTable
}

/**
 * With them all that must be known everywhere before it is answered: what was taken out of a profile is not shown, and
 * a role, a second factor that it may need, an address that was just proved or a proof of oneself counts, in whichever process the next request ends.
 */
export const accountsTakesSight = {
  'accounts.profile_changed': () => true,
  'accounts.privacy_changed': ({ isPrivate }: AccountsEvents['accounts.privacy_changed']) => isPrivate,
  'accounts.state_changed': ({ state }: AccountsEvents['accounts.state_changed']) => state !== 'active',
  'accounts.sight_ended': () => true,
  'accounts.lists_changed': () => true,
  'accounts.sessions_ended': () => true,
  'accounts.proved': () => true,
  'accounts.roles_changed': () => true,
  'accounts.email_verified': () => true,
  'accounts.second_factor_changed': () => true,
}

/** The account is the subject of each. */
export interface AccountsEvents extends FactorsEvents {
  'accounts.signed_up': { username: string }
  /** The mail that proves the address is wanted once more. */
  'accounts.verification_asked': Record<string, never>
  /** What others are shown changed: name, full name, bio, picture, or whether they are told who likes. */
  'accounts.profile_changed': { usernameChanged: boolean }
  'accounts.privacy_changed': { isPrivate: boolean }
  /** What is the person's own and nobody else is shown: language, time zone, appearance, notifications and the like. */
  'accounts.preferences_changed': Record<string, never>
  'accounts.state_changed': { state: AccountState }
  /** Every media address of before is refused: the epoch was raised. */
  'accounts.sight_ended': { epoch: number }
  'accounts.lists_changed': { visibleTo: ListsVisibleTo }
  'accounts.sessions_ended': { sessionIds: Id[] }
  /** The holder of a session showed once more who they are. */
  'accounts.proved': { sessionId: Id }
  'accounts.roles_changed': { roles: Role[] }
  'accounts.email_verified': Record<string, never>
  /** Null: the address of before was never proved, so nobody is told there. */
  'accounts.email_changed': { changeId: Id | null }
  /** From a device that the account was not used on before. */
  'accounts.signed_in_anew': { sessionId: Id }
  /** Somebody who waited was let in. */
  'accounts.approved': Record<string, never>
  /** Its owner deletes it; it is hidden from now on. */
  'accounts.leaving': Record<string, never>
  /** Its owner has come back in time. */
  'accounts.stayed': Record<string, never>
  'accounts.password_changed': Record<string, never>
  /** Somebody forgot a password; the subject is the request. */
  'accounts.reset_asked': Record<string, never>
  /** An admin sends a link for a new password. */
  'accounts.reset_given': Record<string, never>
}
