import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, bucketOfName, type Id, minIdAt } from '#platform/ids/ids.ts'
import type { Mailer } from '#platform/mail/mail.ts'
import { resetMail } from './accounts-mails.ts'
import { normalizeEmail, openResetCodes, resetCodeMs } from './accounts-policy.ts'
import { findUser, lockPasswordHash, type UserRow, updateUser } from './accounts-repository.ts'
import type { Client } from './client.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { PasswordChanges } from './password-changes.ts'
import type { PasswordSignIn } from './password-sign-in.ts'

export interface Resets {
  /** The same work for every name, whether anybody has it or not: who looks is a job. */
  ask(login: string): Promise<void>
  /** Job: mails a code to the proved address of whoever has the name. */
  send(requestId: Id): Promise<void>
  /** The same by account, for those who may know: false when nothing will be sent. */
  askFor(userId: Id, within: Tx): Promise<boolean>
  /** Job. */
  sendTo(userId: Id): Promise<void>
  /** Of requests whose mail could not be sent, with the names or addresses in them. */
  deleteOld(): Promise<void>
  /** Gives what the browser is to keep, in which it is used: it is known from then on. */
  use(code: string, newPassword: string, client: Client): Promise<string | null>
  /** For the operator, to hand on. */
  newLink(userId: Id, within?: Tx): Promise<string>
}

interface Deps {
  database: Database
  clock: Clock
  ids: IdSource
  events: Events
  mailer: Pick<Mailer, 'send'>
  codes: OneTimeCodes
  passwordSignIn: Pick<PasswordSignIn, 'findByLogin'>
  passwords: Pick<PasswordChanges, 'resetPassword'>
  publicUrl: string
}

/** Its job has given up long before. */
const requestMs = 7 * 24 * 3_600_000

export function createResets(deps: Deps): Resets {
  const { database, clock, ids, events, mailer, codes, passwordSignIn, passwords, publicUrl } = deps
  const newLink: Resets['newLink'] = async (userId, within) =>
    `${publicUrl}/reset#code=${await codes.issue(within ?? database.main, { purpose: 'reset', userId, validMs: resetCodeMs })}`

  /** Many may be asked for at once: each waits for the one before, so that none is counted past. */
  const newLinkUnlessMany = (userId: Id) =>
    database.transaction(async (tx) => {
      await lockPasswordHash(tx, userId)
      const isMany = (await codes.countOpen(tx, 'reset', userId)) >= openResetCodes
      return isMany ? null : newLink(userId, tx)
    })

  async function mail(user: UserRow | undefined): Promise<void> {
    const link = user && isReachable(user) ? await newLinkUnlessMany(user.id) : null
    if (user && link !== null) await mailer.send(resetMail(user, link))
  }

  return {
    newLink,

    async ask(login) {
      const bucket = bucketOfName(normalizeEmail(login))
      const id = ids.next(bucket)
      await database.transaction(async (tx) => {
        await tx.insertInto('reset_requests').values({ bucket, id, login }).execute()
        await events.emit(tx, 'accounts.reset_asked', { bucket, subjectId: id, data: {} })
      })
    },

    async askFor(userId, within) {
      const mayReset = isReachable(await findUser(within, userId))
      if (!mayReset || (await codes.countOpen(within, 'reset', userId)) >= openResetCodes) return false
      const about = { bucket: bucketOf(userId), subjectId: userId }
      await events.emit(within, 'accounts.reset_given', { ...about, data: {} })
      return true
    },

    sendTo: async (userId) => mail(await findUser(database.main, userId)),

    async send(requestId) {
      const mine = { bucket: bucketOf(requestId), id: requestId }
      const request = await database.main
        .selectFrom('reset_requests')
        .select('login')
        .where('bucket', '=', mine.bucket)
        .where('id', '=', mine.id)
        .executeTakeFirst()
      if (!request) return
      await mail(await passwordSignIn.findByLogin(request.login))
      await database.main
        .deleteFrom('reset_requests')
        .where('bucket', '=', mine.bucket)
        .where('id', '=', mine.id)
        .execute()
    },

    async deleteOld() {
      const before = minIdAt(clock.now() - requestMs)
      await database.main.deleteFrom('reset_requests').where('id', '<', before).execute()
    },

    async use(code, newPassword, client) {
      const { userId } = await codes.look('reset', code)
      if ((await findUser(database.main, userId)) === undefined) throw fault('account.link_invalid')
      // A password that is too weak leaves the code as it was.
      return passwords.resetPassword(userId, newPassword, client, async (tx) => {
        await codes.use(tx, 'reset', code)
        await codes.withdraw(tx, userId, ['email'])
        await updateUser(tx, userId, { pending_email: null })
      })
    },
  }
}

function isReachable(user: UserRow | undefined): boolean {
  const isThere = user?.state === 'active' || (user?.state === 'deactivated' && user.delete_at !== null)
  return isThere && user.email_verified_at !== null
}
