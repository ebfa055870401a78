import type { AccountsApi } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import { decidedMail } from './verification-mails.ts'
import {
  endRequestsOf,
  findRequest,
  listNamesLeft,
  listToErase,
  noWords,
  updateRequest,
} from './verification-repository.ts'
import type { RequestRow } from './verification-tables.ts'

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
  async function eraseOne({ id, evidence }: RequestRow): Promise<void> {
    await media.evidence.remove(evidence.map((file) => file.id))
    await database.transaction((tx) => updateRequest(tx, id, { ...noWords, evidence: '[]', erase_at: null }))
  }

  /** Of everybody, or of one person. One that cannot be erased keeps no other; throws then, when the rest is gone. */
  async function erase(userId?: Id): Promise<number> {
    const now = new Date(clock.now())
    const due = eachPage<RequestRow>(batch, (after) =>
      listToErase(database.main, { now, userId, after }, batch),
    )
    const failures: unknown[] = []
    let erased = 0
    for await (const rows of due)
      for (const row of rows)
        try {
          await eraseOne(row)
          erased += 1
        } catch (error) {
          failures.push(error)
        }
    if (failures.length > 0) throw new AggregateError(failures, 'Evidence that is due is still there')
    return erased
  }

  async function eraseNamesLeft(): Promise<void> {
    for (;;) {
      const rows = await listNamesLeft(database.main, batch)
      for (const { id } of rows) await database.transaction((tx) => updateRequest(tx, id, noWords))
      if (rows.length < batch) return
    }
  }

  async function eraseDue(): Promise<number> {
    await eraseNamesLeft()
    return await erase()
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
    await erase(userId)
  })

  jobs.every('verification.erase', '23 * * * *', async ({ log }) => {
    const erased = await eraseDue()
    if (erased > 0) log.info({ erased }, 'evidence of decided requests is gone')
  })
  return { erase: eraseDue }
}
