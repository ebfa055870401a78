import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase } from '#platform/db/db.ts'
import type { LaneDepth } from '#platform/jobs/jobs.ts'
import { createTestDatabase } from '../../../test/helpers/database.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { watchPlatform } from './platform-metrics.ts'

test('connections and lanes are shown, with one look at the queue for all its figures', async () => {
  const testDatabase = await createTestDatabase()
  const database = createDatabase({ url: testDatabase.url }, createLog({ level: 'silent' }))
  const metrics = createMetrics()
  let looks = 0
  const lane: LaneDepth = { lane: 'fresh', waiting: 3, scheduled: 2, failed: 1, oldestAge: 7 }
  const depth = async () => {
    looks += 1
    return [lane]
  }
  watchPlatform({ metrics, database, jobs: { depth } })
  const text = await metrics.registry.metrics()
  await database.close()
  await testDatabase.drop()
  assert.equal(looks, 1)
  assert.match(text, /heliograph_jobs_waiting\{lane="fresh"\} 3/)
  assert.match(text, /heliograph_jobs_scheduled\{lane="fresh"\} 2/)
  assert.match(text, /heliograph_jobs_failed\{lane="fresh"\} 1/)
  assert.match(text, /heliograph_jobs_oldest_seconds\{lane="fresh"\} 7/)
  assert.match(text, /heliograph_database_connections\{state="active"\} \d/)
  assert.match(text, /heliograph_database_connections_max \d\d/)
})

test('a part that is away takes none of the other figures along', async () => {
  const metrics = createMetrics()
  const away = async () => Promise.reject(new Error('away'))
  metrics.watch('gone', 'x', away)
  metrics.watchEach('gone_each', 'x', 'lane', away)
  metrics.watch('there', 'x', () => 5)
  const text = await metrics.registry.metrics()
  assert.match(text, /^gone Nan$/m)
  assert.match(text, /^there 5$/m)
})
