import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill } from '../../demo/src/fill.ts'
import { createTestApp } from './helpers/app.ts'

// A demo that was broken off, by Ctrl-C or by a server that went away, is begun again by whoever sees Heliograph for the
// first time.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

test('a demo that was broken off goes on where it was, and one that was whole says nothing twice', {
  skip: !isLong && 'draws pictures for longer than the short run has',
}, async () => {
  await using app = await createTestApp()
  await app.events.startRelay()
  await app.jobs.startRunners()
  const { client, url: baseUrl } = app
  const run = (postCount: number, { peopleCount = 5, seed = 1 } = {}) =>
    fill({ baseUrl, seed, peopleCount, postCount, password: 'sun on the wall', onStep: () => {} })
  const told = async (username: string) => {
    const viewer = await client.signIn(username, 'sun on the wall')
    const { items } = await viewer.call('GET /api/users/:username/posts', { params: { username } })
    return items.map(({ id, commentCount, likeCount }) => ({ id, commentCount, likeCount }))
  }

  await run(2)
  const people = await run(4)
  const before = await Promise.all(people.map(({ username }) => told(username)))
  assert.equal(before.flat().length, 4)

  await run(4)
  assert.deepEqual(await Promise.all(people.map(({ username }) => told(username))), before)

  const grown = await run(5, { peopleCount: 7, seed: 2 })
  assert.equal((await Promise.all(grown.map(({ username }) => told(username)))).flat().length, 5)
})
