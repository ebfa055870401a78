import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { buildPerson, type Person } from '../../../test/helpers/factories.ts'
import { assertIndexed, plansOf } from '../../../test/helpers/query-plans.ts'

let app: TestApp
let viewer: Person

before(async () => {
  app = await createTestApp()
  viewer = await buildPerson(app.client, { username: 'viewer' })
  const { main } = app.database
  // Rows of four hundred others, of every bucket.
  const people = sql`generate_series(1, 400) as p, generate_series(1, 100) as n`
  await sql`
    insert into signals (bucket, user_id, kind, subject, day, id, target_id, at)
    select p % 1024, p, 'impression', n::text, 20000, p * 1000 + n, n, timestamptz '2026-11-01' from ${people}
  `.execute(main)
  await sql`insert into signal_authors select p % 1024, p, n, 1, 1, 1 from ${people}`.execute(main)
  await sql`insert into signal_features select p % 1024, p, 'w:' || n, 1, 1 from ${people}`.execute(main)
  await sql`insert into signal_rhythm select p % 1024, p, n - 1, 1, 1 from ${people} where n <= 96`.execute(
    main,
  )
  await sql`
    insert into signal_people (bucket, user_id, day, day_count, session_count, session_ms, gap_count, gap_ms)
    select p % 1024, p, 20000, 0, 0, 0, 0, 0 from generate_series(1, 20000) as p
  `.execute(main)
  await sql`insert into hidden_posts select p % 1024, p, n, p * 1000 + n, timestamptz '2026-11-01' from ${people}`.execute(
    main,
  )
  await sql`analyze`.execute(main)
})
after(() => app[Symbol.asyncDispose]())

const tables = [
  'signals',
  'signal_authors',
  'signal_features',
  'signal_rhythm',
  'signal_people',
  'hidden_posts',
]

async function check(work: () => Promise<unknown>, ...wanted: string[]): Promise<void> {
  assertIndexed(await plansOf(app.database.main, work), tables, wanted)
}

test('what is kept of one person is found by its keys, however much there is of others', async () => {
  await check(() => viewer.call('GET /api/me/signals'), 'signals_by_time')
  await check(
    () => viewer.call('GET /api/me/interests'),
    'signal_authors_pkey',
    'signal_features_pkey',
    'signal_rhythm_pkey',
    'signal_people_pkey',
  )
  await check(() => app.modules.signals.api.seenOf(viewer.id), 'signals_by_time', 'hidden_posts_by_time')
})
