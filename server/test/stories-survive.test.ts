import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient } from '@heliograph/client'
import { sql } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'
import { createPostsKit, type Person, type PostsKit } from './helpers/posts-kit.ts'
import { createProcesses, type TestProcesses } from './helpers/processes.ts'
import { until } from './helpers/until.ts'

// A view that was acknowledged is there after kill -9 in the middle of many, once, for its author and for who looked; and the
// count is the rows.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const people = isLong ? 120 : 6
const storiesEach = isLong ? 40 : 5
const kills = isLong ? 5 : 1

let processes: TestProcesses
let kit: PostsKit
before(async () => {
  processes = await createProcesses({ start: ['a'], a: { ROLES: 'all' } })
  kit = await createPostsKit({ env: { DATABASE_URL: processes.databaseUrl } })
})
after(async () => {
  await kit[Symbol.asyncDispose]()
  await processes[Symbol.asyncDispose]()
})

test('kill -9 in the middle of views loses none that was acknowledged, and counts none twice', async () => {
  const { a } = processes
  const author = await kit.person()
  const viewers = await kit.people(people)
  for (const viewer of viewers) await kit.follow(viewer, author)
  const stories: Id[] = []
  for (let n = 0; n < storiesEach; n++) stories.push((await kit.story(author)).id)

  const acknowledged = new Set<string>()
  const waiting: { count: number; resolve(): void }[] = []
  const reached = (count: number) => new Promise<void>((resolve) => waiting.push({ count, resolve }))
  const note = (viewer: Person, id: Id) => {
    acknowledged.add(`${id} ${viewer.user.id}`)
    for (const one of waiting) if (acknowledged.size >= one.count) one.resolve()
  }
  /** Again until it is acknowledged: what had no answer may or may not be there. */
  const look = async (viewer: Person) => {
    const client = createClient(a.url, viewer.token)
    for (const id of stories) {
      await until(async () => {
        await client.call('PUT /api/stories/:id/seen', { params: { id } })
        return true
      }, 120_000)
      note(viewer, id)
    }
  }
  const lookings = Promise.all(
    viewers.map(async (viewer) => {
      for (let round = 0; round < 3; round++) await look(viewer)
    }),
  )
  const all = people * storiesEach
  for (let kill = 1; kill <= kills; kill++) {
    await reached(Math.floor((all * kill) / (kills + 2)))
    await a.kill()
    await a.start()
  }
  await lookings

  const db = kit.app.database.main
  const rows = await db.selectFrom('story_views').select(['story_id', 'viewer_id']).execute()
  const keys = rows.map((row) => `${row.story_id} ${row.viewer_id}`)
  assert.deepEqual(keys.toSorted(), [...acknowledged].sort(), 'each once')
  const seen = await db.selectFrom('story_seen').select(['story_id', 'viewer_id']).execute()
  assert.deepEqual(
    seen.map((row) => `${row.story_id} ${row.viewer_id}`).sort(),
    keys.toSorted(),
    'on both sides',
  )
  for (const id of stories) {
    const { viewCount, items } = await author.call('GET /api/stories/:id/viewers', { params: { id } })
    assert.equal(viewCount, people)
    assert.ok(items.length > 0)
  }
  const told = await sql<{ viewer: Id; story: Id }>`
    select jsonb_array_elements_text(data -> 'viewerIds') as viewer, data ->> 'storyId' as story
    from events where kind = 'stories.seen'
  `.execute(db)
  assert.equal(told.rows.length, all, 'and each is told of once')
})
