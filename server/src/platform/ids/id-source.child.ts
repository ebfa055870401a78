import { pino } from 'pino'
import { createDatabase } from '#platform/db/db.ts'
import { createIdSource } from './id-source.ts'

/** One of the processes of the test: draws ids in one bucket as fast as it can, and tells them. */
const [url, count, index] = process.argv.slice(2)
const log = pino({ level: 'silent' })
const database = createDatabase({ url: url!, poolSize: 1 }, log)
let offset = 0
const ids = await createIdSource({ db: database.main, clock: { now: () => Date.now() + offset }, log })
const drawn: string[] = []
for (let i = 0; i < Number(count); i++) {
  // The first process meets a clock that is set back 3 s half way.
  if (index === '0' && i === Number(count) / 2) offset = -3000
  drawn.push(ids.next(77))
}
process.send?.(drawn)
process.once('disconnect', async () => {
  await ids.close()
  await database.close()
})
