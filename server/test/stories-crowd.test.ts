import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPostsKit } from './helpers/posts-kit.ts'
import { seedFollowers, seedPeople, seedSessions } from './helpers/seed-feed.ts'

// So many look at one Story as follow somebody whom everybody knows.

const skip = process.env.HELIOGRAPH_TEST_LONG === '1' ? false : 'only in test:long'
const people = Number(process.env.HELIOGRAPH_CROWD ?? 100_000)
const atOnce = 512

test('of a hundred thousand views of one Story none is lost or counted twice, all are listed, and no row is hot', {
  skip,
  timeout: 3_600_000,
}, async () => {
  await using kit = await createPostsKit({ env: { RATE_LIMITS: 'off' } })
  const db = kit.app.database.main
  const author = await kit.person()
  const story = await kit.story(author)
  const viewers = await seedPeople(db, people)
  await seedFollowers(db, author.user.id, viewers)
  const tokens = await seedSessions(db, viewers)

  const looks = [...tokens.keys(), ...tokens.keys()].values()
  const look = async () => {
    for (const viewer of looks) {
      const headers = { authorization: `Bearer ${tokens[viewer]}` }
      const url = `/api/stories/${story.id}/seen`
      const answer = await kit.app.http.app.inject({ method: 'PUT', url, headers })
      assert.equal(answer.statusCode, 204, answer.body)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, look))

  const seen = new Set<string>()
  const told = await author.call('GET /api/stories/:id/viewers', { params: { id: story.id } })
  assert.equal(told.viewCount, people)
  let last: string | undefined
  for await (const one of author.all('GET /api/stories/:id/viewers', { params: { id: story.id } })) {
    assert.ok(!seen.has(one.id), 'nobody is listed twice')
    assert.ok(last === undefined || one.seenAt <= last, 'last first')
    last = one.seenAt
    seen.add(one.id)
  }
  assert.equal(seen.size, people)
  assert.deepEqual(await kit.app.modules.stories.api.recount(), { checked: 1, repaired: 0 })

  // Views share commits: the counter is one row of this process, changed once by each, and not once by each view.
  const events = await db
    .selectFrom('events')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('kind', '=', 'stories.seen')
    .where('subject_id', '=', story.id)
    .executeTakeFirstOrThrow()
  assert.ok(Number(events.count) <= people / 20, `${events.count} commits`)
  const counters = await db
    .selectFrom('story_view_counts')
    .select('slot')
    .where('story_id', '=', story.id)
    .execute()
  assert.equal(counters.length, 1)
})
