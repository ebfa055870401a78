import { pino } from 'pino'
import { createJobs } from './jobs.ts'

/** A worker of the test that takes a job and never ends it. */
const jobs = createJobs({ url: process.argv[2]!, log: pino({ level: 'silent' }) })
jobs.define('test.hang', {
  lane: 'fresh',
  maxAttempts: 1,
  run: () => {
    process.send?.('took')
    return new Promise(() => undefined)
  },
})
await jobs.startRunners()
process.send?.('ready')
process.once('disconnect', () => process.exit())
