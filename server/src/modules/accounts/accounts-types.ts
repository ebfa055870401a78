import type { Me, Relationship, Role, UserListItem, UserSummary } from '@heliograph/contract/accounts'
import type { Audience } from '@heliograph/contract/common'
import type { WhoMay } from '@heliograph/contract/interactions'
import type { Digest, Language, NotificationChoices, QuietHours } from '@heliograph/contract/preferences'
import type { Config } from '#config/config.ts'
import type { Db, Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Mail } from '#platform/mail/mail.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import type { Directory, DirectoryFilter } from './accounts-directory.ts'
import type { AccountState, AvatarStatus } from './accounts-tables.ts'
import type { Subject } from './acting.ts'
import type { Erasing } from './erasing.ts'
import type { Exporting } from './exporting.ts'
import type { Invitations } from './invitations-service.ts'
import type { Leaving } from './leaving.ts'
import type { Resealing } from './second-factors/resealing.ts'
import type { Suspensions } from './suspensions.ts'

/** What other modules know of an account. The e-mail address, roles and settings stay inside. */
export interface AccountRow {
  id: Id
  bucket: number
  username: string
  fullName: string
  bio: string
  isVerified: boolean
  isPrivate: boolean
  state: AccountState
  sightEpoch: number
  avatarMediaId: Id | null
  avatarKey: string | null
  avatarStatus: AvatarStatus
  /** Others are not told how many like their posts, nor who. */
  hidesLikeCounts: boolean
  /** Has shared something with some alone: whoever loses sight of them may hold addresses of that. */
  sharesLimited: boolean
  createdAt: Date
}

export interface AvatarUrls {
  small: string
  medium: string
  large: string
}

/** Pure: signs the addresses of a picture. */
/** Told of each epoch that ends, in the transaction that ends it. */
export type RevokeSight = (tx: Tx, owner: { id: Id; sightEpoch: number }) => Promise<void>
/** Every media address of the account that was handed out before is refused from the commit on. */
export type EndSight = (tx: Tx, id: Id) => Promise<void>
export type SignAvatar = (owner: { id: Id; sightEpoch: number }, avatarKey: string) => AvatarUrls

export interface LockedAccount extends AccountRow {
  followingCount: number
}

export interface CountChange {
  followers?: number
  following?: number
  posts?: number
}

export type CountKind = keyof CountChange

/** True counts of these accounts, read from the rows that are counted; an absent one is 0. */
export type CountRows = (tx: Tx, bucket: number, ids: Id[]) => Promise<Map<Id, number>>

export interface RecountReport {
  checked: number
  repaired: number
}

export interface Interactions {
  comments: WhoMay
  mentions: WhoMay
  messages: WhoMay
}

/**
 * What accounts needs to know about how people stand to each other. The graph module gives it;
 * graph itself stands on accounts, so it is asked for as a narrow interface.
 */
export interface Relations {
  relationships(viewerId: Id, ids: readonly Id[]): Promise<Map<Id, Relationship>>
  /** Those of `ids` whose profile the viewer may open. */
  visibleProfiles(viewer: { id: Id } | null, ids: readonly Id[]): Promise<Set<Id>>
  followRequestCount(id: Id): Promise<number>
  followeesOf(id: Id): Promise<Id[]>
  /** Whom somebody lets comment, mention and write. */
  interactionsOf(id: Id): Promise<Interactions>
  saveInteractions(tx: Tx, id: Id, change: Partial<Interactions>): Promise<void>
}

/** For the operator alone: it names the address. */
export interface AccountListing {
  id: Id
  username: string
  email: string
  isEmailVerified: boolean
  state: AccountState
  roles: Role[]
  createdAt: Date
}

/** What decides how things are put in order and said for somebody. */
export interface Preferences {
  /** IANA. */
  timeZone: string
  language: Language
  /** False: nothing may be kept of what they look at. */
  personalisation: boolean
}

/** What somebody lets others know of their being here. */
export interface Presence {
  showsActivity: boolean
  showsReadMarks: boolean
  /** To some minutes; null: signed in nowhere. */
  lastActiveAt: Date | null
}

/** What decides what somebody is told, how, and when. */
export interface NotificationSettings {
  isActive: boolean
  notifications: NotificationChoices
  quietHours: QuietHours | null
  pushText: boolean
  digest: Digest
  timeZone: string
  language: Language
}

/** 32 bytes each: what secrets of apps are sealed with, and what challenges of passkeys are signed with. */
export interface FactorKeys {
  totp: Keys
  passkeys: Keys
}

/** What the operator chose, as it is now: see README.md. */
export type AccountSettings = Readonly<
  Pick<Config['accounts'], 'requireSecondFactor' | 'sessionDays' | 'waitingDays'>
>

/** Erases, in the transaction that switches personalisation off, what is kept for it. */
export type ForgetPersonal = (tx: Tx, id: Id) => Promise<void>

/** Takes all that a room has of somebody who left away, in small steps; what is gone is not looked for again. */
export type EraseOf = (id: Id, signal: AbortSignal) => Promise<void>

/** Told in the transaction in which a changed name takes the mark of being verified; named as before. */
export type MarkLost = (tx: Tx, user: { id: Id; username: string }) => Promise<void>

export interface MailRecipient {
  email: string
  username: string
  language: Language
}

export interface AccountsApi extends Omit<Suspensions, 'setState'> {
  /** For those who run the server. */
  directory: Directory
  preferencesOf(ids: readonly Id[], db?: Db | Tx): Promise<Map<Id, Preferences>>
  notificationSettingsOf(ids: readonly Id[]): Promise<Map<Id, NotificationSettings>>
  /** Everybody who asked to be mailed what is new, in batches. */
  wantingDigest(): AsyncGenerator<{ id: Id; timeZone: string }[]>
  /** Those of these sessions that are open. */
  openSessions(userId: Id, sessionIds: readonly Id[]): Promise<Set<Id>>
  whenPersonalisationEnds(forget: ForgetPersonal): void
  /** What they let others know of their being here; an account that is not there is absent. */
  presenceOf(ids: readonly Id[]): Promise<Map<Id, Presence>>
  /** For whom new posts are unless something else is said. */
  defaultAudienceOf(id: Id): Promise<Audience>
  /** Whether Stories of theirs stay in an archive. */
  keepsStoryArchive(id: Id): Promise<boolean>
  /** From memory while it is current; with `db` from there. */
  findByIds(ids: Iterable<Id>, db?: Db | Tx): Promise<Map<Id, AccountRow>>
  /** Undefined: not all of them are in memory, or it is not to be trusted just now. Never waits. */
  peekByIds(ids: Iterable<Id>): Map<Id, AccountRow> | undefined
  /** Rows that were found after it was asked for are true as long as it stays the same; undefined as `peekByIds`. */
  peekVersion(): number | undefined
  /** Whose rows are others since such a version. Undefined: not known any more. */
  changedSince(version: number): readonly Id[] | undefined
  /** Active accounts by current name, keyed by the normalized name. */
  findByUsernames(names: Iterable<string>): Promise<Map<string, AccountRow>>
  /** Any state; a name given up less than 30 days ago finds the account that had it. */
  resolveUsername(name: string): Promise<AccountRow | null>
  /** For routes: throws `user.not_found` when it is not there or not for this viewer. */
  findVisibleUser(viewer: { id: Id } | null, name: string): Promise<AccountRow>
  presentSummary(account: AccountRow): UserSummary
  presentListItem(account: AccountRow, relationship: Relationship | null): UserListItem
  presentMe(id: Id): Promise<Me>

  /**
   * Locks the counters of these accounts in one order everywhere, so that writers about the same
   * people wait for each other and never deadlock. Call it first; returns the accounts as they are now.
   */
  lockAccounts(tx: Tx, ids: readonly Id[]): Promise<Map<Id, LockedAccount>>
  /** For acts about an account: first, as `lockAccounts`. Throws `auth.invalid` when who acts is not active any more. */
  lockSubject(tx: Tx, actorId: Id | null, id: Id): Promise<Subject>
  addCounts(tx: Tx, id: Id, change: CountChange): Promise<void>
  /** Proves one counter of every account against its rows and repairs it, in batches. */
  recount(kind: CountKind, countRows: CountRows): Promise<RecountReport>
  endSight: EndSight
  /** The mark beside the name, everywhere from the commit on. */
  setVerified(tx: Tx, id: Id, isVerified: boolean): Promise<void>
  whenMarkIsLost(hook: MarkLost): void
  /** From a job. Only to an address that is proved; another may be a stranger's. */
  sendMail(id: Id, build: (to: MailRecipient) => Mail): Promise<void>
  /** Of a locked account, in the transaction that shares the first such thing. */
  noteLimited(tx: Tx, id: Id): Promise<void>

  /** The upload chosen becomes the picture once it is rendered; the one before is shown until then. */
  chooseAvatar(tx: Tx, id: Id, mediaId: Id): Promise<void>
  /** False when another picture was chosen meanwhile. */
  avatarReady(tx: Tx, id: Id, mediaId: Id, avatarKey: string): Promise<boolean>
  avatarFailed(tx: Tx, id: Id, mediaId: Id): Promise<void>
  removeAvatar(tx: Tx, id: Id): Promise<void>

  /** A fresh one-time code that makes its sign-up the owner's, in place of any before; null once there is one. */
  newOwnerCode(within?: (tx: Tx) => Promise<void>): Promise<string | null>
  /** For the operator, by id. */
  listAccounts(after: Id | null, limit: number, filter?: DirectoryFilter): Promise<AccountListing[]>
  /** Suspending and deleting end all sessions and take sight away; `within` a transaction of the caller's own too. */
  setState(id: Id, state: AccountState, within?: Tx): Promise<void>
  setRoles(id: Id, roles: Role[], within?: Tx): Promise<void>
  rolesOf(id: Id, db?: Db | Tx): Promise<readonly Role[]>
  /** For somebody who lost their passkeys, app and codes: a password alone opens the account again. All sessions end. */
  resetSecondFactors(id: Id, within?: Tx): Promise<void>
  /** Lets somebody in who waits, and tells them; throws `user.not_found` for everybody else. */
  approve(id: Id, within?: Tx): Promise<void>
  /** Takes the account away: its name and address are free again. */
  refuse(id: Id, within?: Tx): Promise<void>
  /** All who have waited longer than the operator lets anybody wait; how many. */
  refuseOld(): Promise<number>
  invitations: Omit<Invitations, 'use' | 'deleteExpired'>
  leaving: Omit<Leaving, 'leave'>
  whenErased: Erasing['whenErased']
  whenExported: Exporting['whenExported']
  exportRooms: Exporting['exportRooms']
  resealing: Resealing
  /** Sets a new password once, within the hour; for the operator, to hand on. */
  newResetLink(id: Id, within?: Tx): Promise<string>
  /** Mails such a link; false when none is: not active, no proven address, or as many open links as there may be. */
  mailResetLink(id: Id, within: Tx): Promise<boolean>
  /** All sessions end. */
  setPassword(id: Id, password: string, within?: (tx: Tx) => Promise<void>): Promise<void>
}
