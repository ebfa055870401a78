import { pino } from 'pino'
import { createDatabase } from '#platform/db/db.ts'
import { createWorker, perRound } from './precompute-test-kit.ts'

/** A worker of the test that never comes to the end of its round: it is killed in the middle of it. */
const turnsMax = 25

const database = createDatabase({ url: process.argv[2]!, poolSize: 2 }, pino({ level: 'silent' }))
let turns = 0
const { refresh } = createWorker(database, (id) => {
  if (turns === turnsMax) {
    process.send?.('hangs')
    return new Promise(() => undefined)
  }
  turns += 1
  process.send?.(id)
})
process.once('disconnect', () => process.exit())
await refresh({ peopleMax: perRound })
process.disconnect()
