import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Mailer } from '#platform/mail/mail.ts'
import { deleteOldBudgets } from '../account-budgets.ts'
import { findUser } from '../accounts-repository.ts'
import type { TakingBack } from '../taking-back.ts'
import { deleteExpiredChallenges } from './challenges-repository.ts'
import { factorMail, isWayIn, newFactorMail } from './factors-mails.ts'
import type { FactorChange } from './factors-tables.ts'
import type { Resealing } from './resealing.ts'

interface Deps {
  database: Database
  jobs: Jobs
  events: Events
  clock: Clock
  mailer: Pick<Mailer, 'send'>
  publicUrl: string
  takingBack: Pick<TakingBack, 'offerForFactor'>
  resealing: Resealing
  /** There is a key of before. */
  hasOldKey: boolean
}

export function defineFactorsJobs(deps: Deps): void {
  const { database, jobs, events, clock, mailer, publicUrl, takingBack, resealing, hasOldKey } = deps
  jobs.define<{ userId: Id; kind: FactorChange | 'second_step_failed'; eventId?: Id }>(
    'accounts.tell_factor_change',
    {
      lane: 'default',
      maxAttempts: 8,
      async run({ userId, kind, eventId }) {
        if (eventId !== undefined && isWayIn(kind)) {
          const offer = await takingBack.offerForFactor(userId, eventId)
          if (offer) await mailer.send(newFactorMail(offer.to, kind, offer.link))
          return
        }
        const user = await findUser(database.main, userId)
        // An address that nobody has proved may be a stranger's.
        if (!user || user.email_verified_at === null) return
        await mailer.send(factorMail(user, kind, publicUrl))
      },
    },
  )
  events.react(
    'accounts.second_factor_changed',
    'accounts.tell_factor_change',
    ({ id, subjectId, data }) => ({
      userId: subjectId,
      kind: data.change,
      eventId: id,
    }),
  )
  events.react('accounts.second_step_failed', 'accounts.tell_factor_change', ({ subjectId }) => ({
    userId: subjectId,
    kind: 'second_step_failed',
  }))

  jobs.every('accounts.tidy_challenges', '43 * * * *', async () => {
    const now = new Date(clock.now())
    await deleteExpiredChallenges(database.main, now)
    await deleteOldBudgets(database.main, now)
  })

  jobs.every('accounts.reseal', '13 * * * *', async ({ log, signal }) => {
    if (!hasOldKey) return
    const report = await resealing.resealAll(signal)
    if (report.resealed > 0) log.info(report, 'what the old key has sealed is sealed with the new one')
  })
}
