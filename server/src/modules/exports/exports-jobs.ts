import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Ending } from './exports-ending.ts'
import { readyMail } from './exports-mails.ts'
import type { Making } from './exports-making.ts'
import { forsakenMs } from './exports-policy.ts'
import { findExport, listForsaken } from './exports-repository.ts'

interface Deps {
  database: Database
  clock: Clock
  events: Events
  jobs: Jobs
  accounts: Pick<AccountsApi, 'sendMail' | 'whenErased'>
  making: Making
  ending: Ending
  publicUrl: string
}

const batch = 100

export function defineExportsJobs(deps: Deps): void {
  const { database, clock, events, jobs, accounts, making, ending, publicUrl } = deps
  const nextOf = (exportId: Id) => ({
    name: 'exports.write',
    payload: { exportId },
    options: { key: `exports.write ${exportId}` },
  })

  // A part for each job: what others wait for in this lane comes in between.
  jobs.define<{ exportId: Id }>('exports.write', {
    lane: 'bulk',
    maxAttempts: 12,
    async run({ exportId }, { signal }) {
      if (await making.step(exportId, signal)) await jobs.enqueueMany([nextOf(exportId)])
    },
    exhausted: ({ exportId }) => making.fail(exportId),
  })
  events.react('exports.asked', 'exports.write', ({ data }) => data)

  jobs.define<{ exportId: Id }>('exports.tell', {
    lane: 'default',
    maxAttempts: 8,
    async run({ exportId }) {
      const row = await findExport(database.main, exportId)
      const until = row?.expires_at
      if (row?.state === 'ready' && until)
        await accounts.sendMail(row.user_id, (to) =>
          readyMail(to, until.toISOString().slice(0, 10), `${publicUrl}/settings/your-data`),
        )
    },
  })
  events.react('exports.ready', 'exports.tell', ({ data }) => data)

  jobs.every('exports.resume', '*/10 * * * *', async () => {
    const forsaken = await listForsaken(database.main, new Date(clock.now() - forsakenMs), batch)
    await jobs.enqueueMissing(forsaken.map(({ id }) => nextOf(id)))
  })
  jobs.every('exports.end', '41 * * * *', async ({ log }) => {
    const ended = await ending.endDue()
    if (ended.exports > 0) log.info({ ...ended }, 'copies whose time was over are gone')
  })
  jobs.every('exports.collect_orphans', '31 4 * * *', async ({ log }) => {
    const ended = await ending.collectOrphans()
    if (ended.files > 0) log.warn({ ...ended }, 'files of copies that nobody knew of are gone')
  })
  accounts.whenErased((userId) => ending.erase(userId))
}
