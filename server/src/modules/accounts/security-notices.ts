import { deviceName } from '@heliograph/contract/device-name'
import type { Database } from '#platform/db/db.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { Mail, Mailer } from '#platform/mail/mail.ts'
import { approvedMail, type Recipient } from './accounts-mails.ts'
import { findUser } from './accounts-repository.ts'
import { leavingMail, stayedMail } from './leaving-mails.ts'
import { emailChangedMail, newSignInMail, passwordChangedMail } from './security-mails.ts'
import { findSession } from './sessions-repository.ts'
import type { TakingBack } from './taking-back.ts'

/** Mails about what happened to an account, sent by jobs: whoever did it waits for none, and cannot keep one back. */
export interface SecurityNotices {
  emailChanged(userId: Id, changeId: Id): Promise<void>
  passwordChanged(userId: Id): Promise<void>
  /** Also where the session has ended meanwhile: whoever is quick to sign out is told of all the same. */
  signedInAnew(signIn: { userId?: Id; sessionId: Id }): Promise<void>
  /** To the address that was given, proved or not: they wait for this. */
  approved(userId: Id): Promise<void>
  /** When it goes, and how to keep it. */
  leaving(userId: Id): Promise<void>
  stayed(userId: Id): Promise<void>
  /** To the address that is proved; where none is, there is nobody to tell. */
  tell(userId: Id, write: (to: Recipient) => Mail): Promise<void>
}

interface Deps {
  database: Database
  mailer: Pick<Mailer, 'send'>
  takingBack: Pick<TakingBack, 'offerForAddress'>
  publicUrl: string
}

export function createSecurityNotices(deps: Deps): SecurityNotices {
  const { database, mailer, takingBack, publicUrl } = deps

  const tell: SecurityNotices['tell'] = async (userId, write) => {
    const user = await findUser(database.main, userId)
    if (user && user.email_verified_at !== null) await mailer.send(write(user))
  }

  return {
    tell,

    async emailChanged(userId, changeId) {
      const offer = await takingBack.offerForAddress(userId, changeId)
      if (offer) await mailer.send(emailChangedMail(offer.to, offer.newEmail, offer.link))
    },

    async approved(userId) {
      const user = await findUser(database.main, userId)
      if (user?.state === 'active') await mailer.send(approvedMail(user, `${publicUrl}/signin`))
    },

    async signedInAnew({ userId, sessionId }) {
      const session = await findSession(database.main, sessionId)
      const id = session?.user_id ?? userId
      const user = id === undefined ? undefined : await findUser(database.main, id)
      if (!user) return
      const when = new Intl.DateTimeFormat(user.language, {
        ...{ dateStyle: 'medium', timeStyle: 'short', timeZone: user.time_zone },
      }).format(timeOf(sessionId))
      const device = session && deviceName(session.user_agent)
      await tell(user.id, (to) => newSignInMail(to, { device, when }, `${publicUrl}/settings/security`))
    },

    async leaving(userId) {
      const user = await findUser(database.main, userId)
      if (!user?.delete_at) return
      const { language, time_zone: timeZone } = user
      const when = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone }).format(user.delete_at)
      await tell(userId, (to) => leavingMail(to, when, `${publicUrl}/signin`))
    },

    stayed: (userId) => tell(userId, (to) => stayedMail(to, `${publicUrl}/settings/security`)),

    passwordChanged: (userId) => tell(userId, (to) => passwordChangedMail(to, `${publicUrl}/forgot`)),
  }
}
