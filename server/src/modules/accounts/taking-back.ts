import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, compareIds, type Id, isId, timeOf } from '#platform/ids/ids.ts'
import type { Recipient } from './accounts-mails.ts'
import { resetCodeMs, takeoverMs, undoMs } from './accounts-policy.ts'
import { claimEmail, findUser, lockPasswordHash, updateUser } from './accounts-repository.ts'
import {
  deleteEmailChanges,
  type EmailChangeRow,
  findEmailChange,
  listEmailChanges,
  releaseEmail,
} from './email-changes-repository.ts'
import type { KnownDevices } from './known-devices.ts'
import type { Leaving } from './leaving.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { removeFactorsSince } from './second-factors/newer-factors.ts'
import type { Sessions } from './sessions-service.ts'

/**
 * What a thief does to keep an account can be taken back for seven days, by whoever reads mail where its owner did just
 * before: another address, and a second factor of somebody else's.
 */
export interface TakingBack {
  /** For the mail about a changed address, which goes to the one of before; null: it was taken back meanwhile. */
  offerForAddress(userId: Id, changeId: Id): Promise<(Offer & { newEmail: string }) | null>
  /** For the mail about a factor that the event of this id added; null: no address is proved. */
  offerForFactor(userId: Id, eventId: Id): Promise<Offer | null>
  /**
   * Puts the address back that was the account's, throws out whoever changed it, with what they added to get in again, keeps
   * the account where it was about to be deleted, and gives a code for a new password.
   */
  undo(code: string): Promise<{ resetCode: string }>
}

export interface Offer {
  to: Recipient
  link: string
}

interface Deps {
  database: Database
  clock: Clock
  events: Events
  codes: OneTimeCodes
  sessions: Pick<Sessions, 'endAll' | 'closeLive'>
  devices: Pick<KnownDevices, 'forget'>
  leaving: Pick<Leaving, 'takeBack'>
  publicUrl: string
}

export function createTakingBack(deps: Deps): TakingBack {
  const { database, clock, events, codes, sessions, devices, leaving, publicUrl } = deps
  const now = () => new Date(clock.now())

  const issue = (tx: Tx, userId: Id, what: Undoable) =>
    codes.issue(tx, {
      purpose: 'email_undo',
      userId,
      about: aboutOf(what),
      validMs: timeOf(what.id) + undoMs - clock.now(),
    })

  /** Under the lock: a code that is drawn beside somebody who takes the account back would outlive that. */
  const locked = <T>(userId: Id, work: (tx: Tx) => Promise<T>) =>
    database.transaction(async (tx) => {
      await lockPasswordHash(tx, userId)
      return work(tx)
    })

  /** What an earlier one is good for stays: of two changes the first may be a thief's, and the second letter box too. */
  async function withdrawFrom(tx: Tx, userId: Id, from: Id): Promise<void> {
    await codes.withdraw(tx, userId, ['email', 'reset'])
    const isSince = (about: string | null) => compareIds(readUndoable(about).id, from) >= 0
    await codes.withdrawAbout(tx, userId, { purpose: 'email_undo', isMeant: isSince })
  }

  /** `later` begins with the change that is undone. */
  async function putAddressBack(tx: Tx, userId: Id, changes: EmailChangeRow[], later: EmailChangeRow[]) {
    const [undone] = later
    if (!undone) return updateUser(tx, userId, { pending_email: null })
    if (!(await claimEmail(tx, undone.old_email, userId))) throw fault('account.link_invalid')
    const before = changes.slice(0, changes.indexOf(undone))
    const kept = new Set([undone, ...before].map((change) => change.old_email))
    for (const email of new Set(later.flatMap((change) => [change.old_email, change.new_email])))
      if (!kept.has(email)) await releaseEmail(tx, email, userId)
    await deleteEmailChanges(tx, userId, undone.id)
    await updateUser(tx, userId, {
      email: undone.old_email,
      email_verified_at: now(),
      pending_email: null,
    })
    const about = { bucket: bucketOf(userId), subjectId: userId }
    await events.emit(tx, 'accounts.email_verified', { ...about, data: {} })
  }

  return {
    offerForAddress: (userId, changeId) =>
      locked(userId, async (tx) => {
        const [user, change] = [await findUser(tx, userId), await findEmailChange(tx, changeId)]
        if (!user || !change) return null
        const code = await issue(tx, userId, { kind: 'address', id: changeId })
        return {
          to: { ...user, email: change.old_email },
          newEmail: change.new_email,
          link: `${publicUrl}/undo-email#code=${code}`,
        }
      }),

    offerForFactor: (userId, eventId) =>
      locked(userId, async (tx) => {
        const user = await findUser(tx, userId)
        // An address that nobody has proved may be a stranger's.
        if (!user || user.email_verified_at === null) return null
        // Whoever is quick to change the address after it does not get the mail instead.
        const since = (await listEmailChanges(tx, userId)).find(({ id }) => compareIds(id, eventId) > 0)
        const code = await issue(tx, userId, { kind: 'factor', id: eventId })
        return {
          to: { ...user, email: since?.old_email ?? user.email },
          link: `${publicUrl}/undo-email#for=factor&code=${code}`,
        }
      }),

    async undo(code) {
      const { userId } = await codes.look('email_undo', code)
      const { resetCode, ended } = await locked(userId, async (tx) => {
        const { kind, id } = readUndoable((await codes.use(tx, 'email_undo', code)).about)
        const changes = await listEmailChanges(tx, userId)
        const later = changes.filter((change) => compareIds(change.id, id) >= 0)
        if (kind === 'address' && (later[0]?.id !== id || later[0].undo_until <= now()))
          throw fault('account.link_invalid')
        await putAddressBack(tx, userId, changes, later)
        await withdrawFrom(tx, userId, id)
        await devices.forget(tx, userId, null)
        await removeFactorsSince(tx, events, { userId, since: new Date(timeOf(id) - takeoverMs) })
        const endedNow = await sessions.endAll(tx, userId, null)
        await leaving.takeBack(tx, userId)
        const fresh = await codes.issue(tx, { purpose: 'reset', userId, validMs: resetCodeMs })
        return { ended: endedNow, resetCode: fresh }
      })
      sessions.closeLive(ended)
      return { resetCode }
    },
  }
}

/** What a code undoes: its id tells when that was. */
interface Undoable {
  kind: 'address' | 'factor'
  /** Of the change; or of the event that told of a new factor. */
  id: Id
}

const factorMark = 'factor '

const aboutOf = ({ kind, id }: Undoable) => (kind === 'factor' ? `${factorMark}${id}` : id)

function readUndoable(about: string | null): Undoable {
  const isFactor = about?.startsWith(factorMark) ?? false
  const id = isFactor ? about?.slice(factorMark.length) : about
  if (!isId(id)) throw fault('account.link_invalid')
  return { kind: isFactor ? 'factor' : 'address', id }
}
