import type { Events } from '#platform/events/events.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Emails } from './email-service.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { Sessions } from './sessions-service.ts'

interface Deps {
  jobs: Jobs
  events: Events
  emails: Emails
  sessions: Sessions
  codes: OneTimeCodes
}

export function defineAccountsJobs({ jobs, events, emails, sessions, codes }: Deps): void {
  jobs.define<{ userId: string }>('accounts.greet', {
    lane: 'default',
    maxAttempts: 8,
    run: ({ userId }) => emails.greet(userId),
  })
  events.react('accounts.signed_up', 'accounts.greet', (event) => ({ userId: event.subjectId }))
  events.react('accounts.verification_asked', 'accounts.greet', (event) => ({ userId: event.subjectId }))

  jobs.every('accounts.tidy', '17 3 * * *', async ({ log }) => {
    const expiredSessions = await sessions.deleteExpired()
    const expiredCodes = await codes.deleteExpired(5000)
    log.info({ expiredSessions, expiredCodes }, 'what had expired is gone')
  })
}
