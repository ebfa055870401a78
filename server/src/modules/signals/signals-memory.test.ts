import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { bytesOfTaste } from '#modules/ranking'
import { systemClock } from '#platform/clock/clock.ts'
import { createKept, type KeptOptions } from '#platform/coherence/kept.ts'
import { bucketOf, type Id, idAt } from '#platform/ids/ids.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { createTastes } from './signals-taste.ts'

const authors = 500
const looks = 1000
const memoryBytes = 1024 * 1024

let app: TestApp
let people: Id[]

before(async () => {
  app = await createTestApp()
  people = Array.from({ length: 40 }, (_, n) => idAt(Date.now(), n, 125, 1))
  const { main } = app.database
  const each = sql`unnest(${people.map(bucketOf)}::smallint[], ${people}::bigint[]) as p(bucket, id)`
  const day = Math.floor(Date.now() / 86_400_000)
  await sql`
    insert into signals (bucket, user_id, kind, subject, day, id, target_id, at)
    select p.bucket, p.id, 'impression', n::text, ${day}::integer, p.id + n * 32, n, now()
    from ${each}, generate_series(1, ${looks}) as n
  `.execute(main)
  await sql`
    insert into signal_authors (bucket, user_id, author_id, given, received, shown)
    select p.bucket, p.id, n, 1, 1, 1 from ${each}, generate_series(1, ${authors}) as n
  `.execute(main)
  await sql`
    insert into hidden_posts (bucket, user_id, post_id, id, created_at)
    select p.bucket, p.id, 100000 + n, p.id + n * 32, now() from ${each}, generate_series(1, 300) as n
  `.execute(main)
})
after(() => app[Symbol.asyncDispose]())

function createTastesWithin(bytes: number) {
  const preferences = { timeZone: 'UTC', language: 'en', personalisation: true } as const
  return createTastes({
    database: app.database,
    clock: systemClock,
    events: { ...app.events, on: () => undefined },
    coherence: {
      createKept: <K extends string, V extends object>(options: KeptOptions<K, V>) =>
        createKept(options, () => true),
    },
    accounts: { preferencesOf: async (ids) => new Map(ids.map((id) => [id, preferences])) },
    memoryBytes: bytes,
  })
}

test('however much is known of how many viewers, memory stays within its bound and forgets nobody', async () => {
  const tastes = createTastesWithin(memoryBytes)
  const keptBytes = () =>
    people.reduce((sum, id) => {
      const [taste, seen, hidden] = [tastes.peekTaste(id), tastes.peekSeen(id), tastes.peekHidden(id)]
      // Of what is hidden at least the texts.
      return sum + (taste ? bytesOfTaste(taste) : 0) + (seen?.bytes ?? 0) + (hidden ? 300 * 48 : 0)
    }, 0)
  let most = 0
  for (let round = 0; round < 2; round++)
    for (const id of people) {
      const [taste, seen, hidden] = await Promise.all([
        tastes.tasteOf(id),
        tastes.seenOf(id),
        tastes.hiddenOf(id),
      ])
      assert.equal(taste.authors.size, authors)
      assert.deepEqual([seen.countOf('1'), seen.countOf(String(looks)), seen.countOf('5000')], [1, 1, 0])
      assert.ok(hidden.hides({ hi: 0, lo: 100_001 }))
      most = Math.max(most, keptBytes())
    }
  assert.ok(most > memoryBytes / 2, 'most of it is used')
  assert.ok(most <= memoryBytes, `${most} bytes`)
  assert.ok(tastes.peekTaste(people.at(-1)!) && !tastes.peekTaste(people[0]!))
})

test('what grows in memory by looking on does not stay there beyond what it was weighed with', async () => {
  const tastes = createTastesWithin(memoryBytes)
  const [id] = people as [Id]
  const { bytes } = await tastes.seenOf(id)
  const look = (postId: number, eventId: Id) =>
    tastes.expectLooks(id, eventId)([{ postId: String(postId), day: 1 }])
  look(200_000, '1')
  assert.equal(tastes.peekSeen(id)?.countOf('200000'), 1)
  for (let n = 1; n < 1000 && tastes.peekSeen(id); n++) look(200_000 + n, String(n + 1))
  assert.equal(tastes.peekSeen(id), undefined)
  assert.equal((await tastes.seenOf(id)).bytes, bytes)
})
