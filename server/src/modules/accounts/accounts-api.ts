import type { Me, Relationship, Role, UserListItem, UserSummary } from '@heliograph/contract/accounts'
import type { Audience } from '@heliograph/contract/common'
import type { Db, Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Mail } from '#platform/mail/mail.ts'
import type { Directory, DirectoryFilter } from './accounts-directory.ts'
import type { AccountState } from './accounts-tables.ts'
import type {
  AccountListing,
  AccountRow,
  CountChange,
  CountKind,
  CountRows,
  EndSight,
  ForgetPersonal,
  LockAccounts,
  LockSubject,
  MailRecipient,
  MarkLost,
  NotificationSettings,
  Preferences,
  Presence,
  RecountReport,
} from './accounts-types.ts'
import type { Erasing } from './erasing.ts'
import type { Exporting } from './exporting.ts'
import type { Invitations } from './invitations-service.ts'
import type { Leaving } from './leaving.ts'
import type { Resealing } from './second-factors/resealing.ts'
import type { Suspensions } from './suspensions.ts'

/** What other modules may ask of accounts. */
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

  lockAccounts: LockAccounts
  lockSubject: LockSubject
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
