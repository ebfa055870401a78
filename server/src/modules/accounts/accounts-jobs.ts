import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { AccountsApi } from './accounts-api.ts'
import type { AddressNotices } from './address-notices.ts'
import type { Emails } from './email-service.ts'
import type { Erasing } from './erasing.ts'
import type { Invitations } from './invitations-service.ts'
import type { KnownDevices } from './known-devices.ts'
import type { Leaving } from './leaving.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { Resets } from './reset-service.ts'
import type { SecurityNotices } from './security-notices.ts'
import type { Sessions } from './sessions-service.ts'

interface Deps {
  jobs: Jobs
  events: Events
  emails: Emails
  resets: Resets
  notices: SecurityNotices
  sessions: Sessions
  codes: OneTimeCodes
  invitations: Pick<Invitations, 'deleteExpired'>
  devices: Pick<KnownDevices, 'deleteOld'>
  addressNotices: Pick<AddressNotices, 'deleteOld'>
  approvals: Pick<AccountsApi, 'refuseOld'>
  leaving: Pick<Leaving, 'endDue'>
  erasing: Pick<Erasing, 'resume'>
}

export function defineAccountsJobs(deps: Deps): void {
  const { jobs, events, emails, resets, notices, sessions, codes, invitations, devices } = deps
  const { addressNotices, approvals, leaving, erasing } = deps

  function mails<P extends object>(name: string, run: (payload: P) => Promise<void>): void {
    jobs.define<P>(name, { lane: 'default', maxAttempts: 8, run })
  }

  mails<{ userId: Id }>('accounts.greet', ({ userId }) => emails.greet(userId))
  events.react('accounts.signed_up', 'accounts.greet', (event) => ({ userId: event.subjectId }))
  events.react('accounts.verification_asked', 'accounts.greet', (event) => ({ userId: event.subjectId }))

  mails<{ requestId: Id }>('accounts.send_reset', ({ requestId }) => resets.send(requestId))
  events.react('accounts.reset_asked', 'accounts.send_reset', (event) => ({ requestId: event.subjectId }))

  mails<{ userId: Id }>('accounts.mail_reset', ({ userId }) => resets.sendTo(userId))
  events.react('accounts.reset_given', 'accounts.mail_reset', (event) => ({ userId: event.subjectId }))

  mails<{ userId: Id }>('accounts.tell_password_changed', ({ userId }) => notices.passwordChanged(userId))
  events.react('accounts.password_changed', 'accounts.tell_password_changed', (event) => ({
    userId: event.subjectId,
  }))

  mails<{ userId: Id }>('accounts.tell_approved', ({ userId }) => notices.approved(userId))
  events.react('accounts.approved', 'accounts.tell_approved', (event) => ({ userId: event.subjectId }))

  mails<{ userId?: Id; sessionId: Id }>('accounts.tell_sign_in', notices.signedInAnew)
  events.react('accounts.signed_in_anew', 'accounts.tell_sign_in', ({ subjectId, data }) => ({
    userId: subjectId,
    ...data,
  }))

  mails<{ userId: Id; changeId: Id }>('accounts.tell_email_changed', ({ userId, changeId }) =>
    notices.emailChanged(userId, changeId),
  )
  events.react(
    'accounts.email_changed',
    'accounts.tell_email_changed',
    ({ subjectId, data: { changeId } }) => (changeId === null ? null : { userId: subjectId, changeId }),
  )

  mails<{ userId: Id }>('accounts.tell_leaving', ({ userId }) => notices.leaving(userId))
  events.react('accounts.leaving', 'accounts.tell_leaving', (event) => ({ userId: event.subjectId }))

  mails<{ userId: Id }>('accounts.tell_stayed', ({ userId }) => notices.stayed(userId))
  events.react('accounts.stayed', 'accounts.tell_stayed', (event) => ({ userId: event.subjectId }))

  jobs.every('accounts.end_due', '27 * * * *', async ({ log, signal }) => {
    await erasing.resume(signal)
    const left = await leaving.endDue(signal)
    if (left > 0) log.info({ left }, 'accounts that their owners deleted are gone')
  })

  jobs.every('accounts.tidy', '17 3 * * *', async ({ log }) => {
    const expiredSessions = await sessions.deleteExpired()
    const expiredCodes = await codes.deleteExpired()
    await invitations.deleteExpired()
    await devices.deleteOld()
    await addressNotices.deleteOld()
    await resets.deleteOld()
    const refusedSignUps = await approvals.refuseOld()
    const endedChanges = await emails.endOldChanges()
    log.info({ expiredSessions, expiredCodes, endedChanges, refusedSignUps }, 'what had expired is gone')
  })
}
