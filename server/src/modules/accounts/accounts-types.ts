import type { Relationship, Role } from '@heliograph/contract/accounts'
import type { WhoMay } from '@heliograph/contract/interactions'
import type { Digest, Language, NotificationChoices, QuietHours } from '@heliograph/contract/preferences'
import type { Config } from '#config/config.ts'
import type { Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import type { AccountState, AvatarStatus } from './accounts-tables.ts'

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

/** Told of each epoch that ends, in the transaction that ends it. */
export type RevokeSight = (tx: Tx, owner: { id: Id; sightEpoch: number }) => Promise<void>
/** Every media address of the account that was handed out before is refused from the commit on. */
export type EndSight = (tx: Tx, id: Id) => Promise<void>
/** Pure: signs the addresses of a picture. */
export type SignAvatar = (owner: { id: Id; sightEpoch: number }, avatarKey: string) => AvatarUrls

export interface LockedAccount extends AccountRow {
  followingCount: number
}

/** Whom an act is about, and what decides whether it may be done, as all of it is now. */
export interface Subject {
  /** Undefined: there is no such account any more. */
  account: LockedAccount | undefined
  roles: readonly Role[]
  /** Of who acts; null where nothing binds them: the operator, and the server itself. */
  own: readonly Role[] | null
}

/**
 * Locks the counters of these accounts in one order everywhere, so that writers about the same
 * people wait for each other and never deadlock. Call it first; returns the accounts as they are now.
 */
export type LockAccounts = (tx: Tx, ids: readonly Id[]) => Promise<Map<Id, LockedAccount>>
/** For acts about an account: first, as `LockAccounts`. Throws `auth.invalid` when who acts is not active any more. */
export type LockSubject = (tx: Tx, actorId: Id | null, id: Id) => Promise<Subject>

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
