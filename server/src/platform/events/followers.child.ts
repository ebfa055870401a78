import { sql } from 'kysely'
import { pino } from 'pino'
import { systemClock } from '#platform/clock/clock.ts'
import { createDatabase } from '#platform/db/db.ts'
import { createIdSource } from '#platform/ids/id-source.ts'
import { createJobs } from '#platform/jobs/jobs.ts'
import { createEvents } from './events.ts'

/** A process of the test that only follows, until it is killed. */
const url = process.argv[2]!
const log = pino({ level: 'silent' })
const database = createDatabase({ url, poolSize: 2 }, log)
const ids = await createIdSource({ db: database.main, clock: systemClock, log })
const events = createEvents({ database, ids, clock: systemClock, jobs: createJobs({ url, log }), log })
events.follow('test.names', ['accounts.signed_up'], async (batch) => {
  const names = batch.map(({ data }) => data.username)
  await sql`insert into followed select unnest(${names}::text[]) on conflict do nothing`.execute(
    database.main,
  )
})
await events.startRelay()
process.send?.('ready')
process.once('disconnect', () => process.exit())
