import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Mailer } from '#platform/mail/mail.ts'
import type { AccountsApi } from './accounts-api.ts'
import { findUser, updateUser } from './accounts-repository.ts'
import type { MarkLost } from './accounts-types.ts'

export interface VerifiedMarks extends Pick<AccountsApi, 'setVerified' | 'whenMarkIsLost' | 'sendMail'> {
  /** In the transaction that takes the mark. */
  lost: MarkLost
}

interface Deps {
  database: Database
  events: Events
  mailer: Pick<Mailer, 'send'>
}

/** The mark beside a name is part of the account; who may have it is another module's business. */
export function createVerifiedMarks({ database, events, mailer }: Deps): VerifiedMarks {
  const hooks: MarkLost[] = []
  return {
    async setVerified(tx: Tx, id: Id, isVerified: boolean) {
      const user = await findUser(tx, id)
      if (!user || user.is_verified === isVerified) return
      await updateUser(tx, id, { is_verified: isVerified })
      const about = { bucket: bucketOf(id), subjectId: id }
      await events.emit(tx, 'accounts.profile_changed', { ...about, data: { usernameChanged: false } })
    },
    whenMarkIsLost: (hook) => void hooks.push(hook),
    async lost(tx, user) {
      for (const hook of hooks) await hook(tx, user)
    },
    async sendMail(id, build) {
      const user = await findUser(database.main, id)
      // An address that nobody has proved may be a stranger's.
      if (user?.email_verified_at) await mailer.send(build(user))
    },
  }
}
