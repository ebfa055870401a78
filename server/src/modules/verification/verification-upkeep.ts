import type { AccountsApi } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import { decidedMail } from './verification-mails.ts'
import { endRequestsOf, findRequest, listToErase, updateRequest } from './verification-repository.ts'

interface Deps {
  database: Database
  clock: Clock
  events: Events
  jobs: Jobs
  accounts: Pick<AccountsApi, 'sendMail' | 'whenErased'>
  media: Pick<MediaApi, 'evidence'>
  publicUrl: string
}

const batch = 100

/** Tells people what was decided, and erases what nobody needs any more. */
export function defineVerificationJobs(deps: Deps): { erase(): Promise<number> } {
  const { database, clock, events, jobs, accounts, media, publicUrl } = deps

  /** Bytes first: a crash in between leaves a row that says what is still to be done. */
  async function erase(): Promise<number> {
    let erased = 0
    for (;;) {
      const rows = await listToErase(database.main, new Date(clock.now()), batch)
      for (const row of rows) {
        await media.evidence.remove(row.evidence.map(({ id }) => id))
        await database.transaction((tx) =>
          updateRequest(tx, row.id, { full_name: '', links: '[]', evidence: '[]', erase_at: null }),
        )
        erased += 1
      }
      if (rows.length < batch) return erased
    }
  }

  jobs.define<{ requestId: Id }>('verification.tell', {
    lane: 'default',
    maxAttempts: 8,
    async run({ requestId }) {
      const row = await findRequest(database.main, requestId)
      const { state, reason } = row ?? {}
      if (row && (state === 'granted' || state === 'refused' || state === 'revoked'))
        await accounts.sendMail(row.user_id, (to) =>
          decidedMail(to, { state, reason: reason ?? '' }, publicUrl),
        )
    },
  })
  events.react('verification.decided', 'verification.tell', ({ subjectId }) => ({ requestId: subjectId }))

  /** Of an account that is gone nothing private stays. */
  accounts.whenErased(async (userId) => {
    await database.transaction((tx) => endRequestsOf(tx, userId, new Date(clock.now())))
    await erase()
  })

  jobs.every('verification.erase', '23 * * * *', async ({ log }) => {
    const erased = await erase()
    if (erased > 0) log.info({ erased }, 'evidence of decided requests is gone')
  })
  return { erase }
}
