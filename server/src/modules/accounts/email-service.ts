import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Mailer } from '#platform/mail/mail.ts'
import { addressUsedMail, verificationMail } from './accounts-mails.ts'
import { claimEmail, findEmailHolder, findUser, updateUser } from './accounts-repository.ts'
import type { OneTimeCodes } from './one-time-codes.ts'

export interface Emails {
  /** The mail after sign-up, or when it is asked for again. */
  greet(userId: Id): Promise<void>
  askAgain(userId: Id): Promise<void>
  verify(code: string): Promise<void>
}

interface Deps {
  database: Database
  clock: Clock
  mailer: Pick<Mailer, 'send'>
  codes: OneTimeCodes
  events: Events
  publicUrl: string
}

export function createEmails({ database, clock, mailer, codes, events, publicUrl }: Deps): Emails {
  return {
    async askAgain(userId) {
      const about = { bucket: bucketOf(userId), subjectId: userId, data: {} }
      await database.transaction((tx) => events.emit(tx, 'accounts.verification_asked', about))
    },

    async greet(userId) {
      const user = await findUser(database.main, userId)
      if (!user || user.email_verified_at) return
      const holderId = await findEmailHolder(database.main, user.email)
      const holder = holderId === undefined ? undefined : await findUser(database.main, holderId)
      if (holder) return mailer.send(addressUsedMail(holder, user.username))
      const link = `${publicUrl}/verify-email?code=${await codes.newEmailCode(userId)}`
      await mailer.send(verificationMail(user, link))
    },

    async verify(code) {
      await database.transaction(async (tx) => {
        const userId = await codes.useEmailCode(tx, code)
        const user = await findUser(tx, userId)
        // Another account has proved the same address meanwhile: it stays with that one.
        if (!user || !(await claimEmail(tx, user.email, userId))) throw fault('account.link_invalid')
        await updateUser(tx, userId, { email_verified_at: new Date(clock.now()) })
        const about = { bucket: bucketOf(userId), subjectId: userId, data: {} }
        await events.emit(tx, 'accounts.email_verified', about)
      })
    },
  }
}
