import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import { untilShort } from '#platform/db/until-short.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Mailer } from '#platform/mail/mail.ts'
import { addressUsedMail, addressWantedMail, newAddressMail, verificationMail } from './accounts-mails.ts'
import { emailCodeMs, normalizeEmail, openEmailCodes, undoMs } from './accounts-policy.ts'
import {
  claimEmail,
  findEmailHolder,
  findUser,
  lockPasswordHash,
  type UserRow,
  updateUser,
} from './accounts-repository.ts'
import type { AddressNotices } from './address-notices.ts'
import { endEmailChange, insertEmailChange, listEndedEmailChanges } from './email-changes-repository.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { requireOpenSession } from './sessions-repository.ts'

export interface Emails {
  /** The mail after sign-up, or when it is asked for again. */
  greet(userId: Id): Promise<void>
  askAgain(userId: Id): Promise<void>
  /** Counts once it is proved; naming the present one calls a change off. */
  change(viewer: Viewer, email: string): Promise<void>
  /** A changed address is proved by whoever is signed in to the account: the mail alone may have gone astray. */
  verify(code: string, viewer: Viewer | null): Promise<void>
  endOldChanges(): Promise<number>
}

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
  mailer: Pick<Mailer, 'send'>
  codes: OneTimeCodes
  notices: Pick<AddressNotices, 'unlessMany' | 'unlessFull'>
  events: Events
  publicUrl: string
}

export function createEmails(deps: Deps): Emails {
  const { database, ids, clock, mailer, codes, notices, events, publicUrl } = deps
  const now = () => new Date(clock.now())

  /** To whoever reads mail there; an address that has an account is told so, and whoever asked is not. */
  async function askForProof(user: UserRow, email: string): Promise<void> {
    if ((await codes.countOpen(database.main, 'email', user.id)) >= openEmailCodes) return
    const holderId = await findEmailHolder(database.main, email)
    const holder =
      holderId === undefined || holderId === user.id ? undefined : await findUser(database.main, holderId)
    const isChange = email === user.pending_email
    if (holder)
      return notices.unlessMany(holder.id, user.id, () =>
        mailer.send((isChange ? addressWantedMail : addressUsedMail)({ ...holder, email }, user.username)),
      )
    async function mail(): Promise<void> {
      const code = await codes.issue(database.main, {
        purpose: 'email',
        userId: user.id,
        about: email,
        validMs: emailCodeMs,
      })
      const link = `${publicUrl}/verify-email#code=${code}`
      await mailer.send((isChange ? newAddressMail : verificationMail)({ ...user, email }, link))
    }
    // An address that was theirs before fills no letter box but their own.
    await (holderId === user.id ? mail() : notices.unlessFull(email, mail))
  }

  async function takeNewAddress(tx: Tx, user: UserRow): Promise<void> {
    const about = { bucket: bucketOf(user.id), subjectId: user.id }
    const change = { id: ids.next(about.bucket), oldEmail: user.email }
    if (user.email_verified_at !== null)
      await insertEmailChange(tx, {
        bucket: about.bucket,
        id: change.id,
        user_id: user.id,
        old_email: user.email,
        new_email: user.pending_email ?? '',
        undo_until: new Date(clock.now() + undoMs),
      })
    const data = { changeId: user.email_verified_at === null ? null : change.id }
    await events.emit(tx, 'accounts.email_changed', { ...about, data })
  }

  return {
    async askAgain(userId) {
      const about = { bucket: bucketOf(userId), subjectId: userId, data: {} }
      await database.transaction((tx) => events.emit(tx, 'accounts.verification_asked', about))
    },

    async greet(userId) {
      const user = await findUser(database.main, userId)
      if (!user) return
      if (user.email_verified_at === null) await askForProof(user, user.email)
      if (user.pending_email !== null) await askForProof(user, user.pending_email)
    },

    async change(viewer, wanted) {
      const userId = viewer.id
      const email = normalizeEmail(wanted)
      await database.transaction(
        async (tx) => {
          await lockPasswordHash(tx, userId)
          await requireOpenSession(tx, viewer)
          const user = await findUser(tx, userId)
          if (!user) throw fault('auth.required')
          const pending = email === user.email ? null : email
          if (pending === user.pending_email && pending === null) return
          await updateUser(tx, userId, { pending_email: pending })
          const about = { bucket: bucketOf(userId), subjectId: userId, data: {} }
          if (pending !== null) await events.emit(tx, 'accounts.verification_asked', about)
        },
        { by: userId },
      )
    },

    async verify(code, viewer) {
      const { userId } = await codes.look('email', code)
      await database.transaction(async (tx) => {
        // Before the code: whoever withdraws codes holds this lock already.
        await lockPasswordHash(tx, userId)
        const { about: proved } = await codes.use(tx, 'email', code)
        const user = await findUser(tx, userId)
        if (!user) throw fault('account.link_invalid')
        const email = proved ?? user.email
        const isChange = email !== user.email
        if (isChange && email !== user.pending_email) throw fault('account.link_invalid')
        if (isChange && viewer === null) throw fault('auth.required')
        if (isChange && viewer?.id !== userId) throw fault('account.link_invalid')
        // Another account has proved the same address meanwhile: it stays with that one.
        if (!(await claimEmail(tx, email, userId))) throw fault('account.link_invalid')
        if (isChange) await takeNewAddress(tx, user)
        await updateUser(tx, userId, {
          email,
          email_verified_at: now(),
          ...(isChange && { pending_email: null }),
        })
        const about = { bucket: bucketOf(userId), subjectId: userId, data: {} }
        await events.emit(tx, 'accounts.email_verified', about)
      })
    },

    endOldChanges: () => untilShort(500, endOldest),
  }

  async function endOldest(limit: number): Promise<number> {
    const old = await listEndedEmailChanges(database.main, now(), limit)
    for (const change of old)
      await database.transaction(async (tx) => {
        // As by whoever proves an address: it may be claimed anew just now.
        await lockPasswordHash(tx, change.user_id)
        await endEmailChange(tx, change)
      })
    return old.length
  }
}
