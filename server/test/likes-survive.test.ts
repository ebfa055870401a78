import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ApiError, type Client, createClient } from '@heliograph/client'
import { sql } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'
import { createPostsKit, type Person, type PostsKit } from './helpers/posts-kit.ts'
import { createProcesses, type TestProcess, type TestProcesses } from './helpers/processes.ts'
import { startRedis, type TestRedis, withoutRedis } from './helpers/redis.ts'
import { until } from './helpers/until.ts'

// What was acknowledged is there after kill -9 in the middle of 64 people who like and take back, and counts are the rows.

const people = 64
const writesEach = process.env.HELIOGRAPH_TEST_LONG === '1' ? 60 : 12

describe('kill -9 of the one process, while 64 like and unlike', () => {
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

  test('loses nothing that was acknowledged and miscounts nothing', async () => {
    const { a } = processes
    const crowd = await createCrowd(kit, [a])
    await likeWhile(crowd, async (acknowledged) => {
      await acknowledged(people * 2)
      await a.kill()
      await a.start()
      await acknowledged(people * 5)
    })
    await assertBooksAgree(kit, crowd)
  })
})

describe('kill -9 of one of two processes, while 64 like and unlike at both', { skip: withoutRedis }, () => {
  let redis: TestRedis
  let processes: TestProcesses
  let kit: PostsKit
  before(async () => {
    redis = await startRedis()
    processes = await createProcesses({ start: ['a', 'b'], env: { REDIS_URL: redis.url } })
    kit = await createPostsKit({ env: { DATABASE_URL: processes.databaseUrl } })
  })
  after(async () => {
    await kit[Symbol.asyncDispose]()
    await processes[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
  })

  test('fails nobody at the other: no deadlock, nothing lost, nothing miscounted', async () => {
    const { a, b } = processes
    const crowd = await createCrowd(kit, [a, b])
    await likeWhile(crowd, async (acknowledged) => {
      await acknowledged(people * 2)
      await a.kill()
      await acknowledged(people * 4)
      await a.start()
      await acknowledged(people * 6)
    })
    const failedAtB = crowd.likers.filter(({ home }) => home === b).flatMap(({ failures }) => failures)
    assert.deepEqual(failedAtB, [])
    await assertBooksAgree(kit, crowd)
  })

  test('what one likes at one process is shown as liked at the other', async () => {
    const [author, liker] = (await kit.people(2)) as [Person, Person]
    const { id } = await kit.post(author)
    const at = (home: TestProcess) => createClient(home.url, liker.token)
    const isLiked = async (home: TestProcess) =>
      (await at(home).call('GET /api/posts/:id', { params: { id } })).liked
    await at(processes.a).call('PUT /api/posts/:id/like', { params: { id } })
    assert.equal(await isLiked(processes.a), true)
    await until(() => isLiked(processes.b))
    await at(processes.b).call('DELETE /api/posts/:id/like', { params: { id } })
    assert.equal(await isLiked(processes.b), false)
    await until(async () => !(await isLiked(processes.a)))
  })
})

interface Liker {
  id: Id
  client: Client
  home: TestProcess
  /** By post: how it stands as far as was acknowledged; absent: not known, its last request had no answer. */
  stands: Map<Id, boolean>
  failures: unknown[]
}

interface Crowd {
  postIds: Id[]
  likers: Liker[]
}

/** Posts of one author are in one bucket, so that all of them meet. */
async function createCrowd(kit: PostsKit, homes: readonly TestProcess[]): Promise<Crowd> {
  const author = await kit.person()
  const postIds = [await kit.post(author), await kit.post(author), await kit.post(author)].map(({ id }) => id)
  const persons = await kit.people(people)
  const likers = persons.map((person: Person, n): Liker => {
    const home = homes[n % homes.length]!
    const stands = new Map(postIds.map((id) => [id, false]))
    return { id: person.user.id, client: createClient(home.url, person.token), home, stands, failures: [] }
  })
  return { postIds, likers }
}

/** Everybody writes until the story is over, and at least as often as they should. */
async function likeWhile(
  { postIds, likers }: Crowd,
  story: (acknowledged: (count: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  let count = 0
  let isOver = false
  const waiting: { count: number; resolve: () => void }[] = []
  const acknowledge = () => {
    count++
    for (const one of waiting) if (count >= one.count) one.resolve()
  }
  const live = async (liker: Liker) => {
    for (let n = 0; n < writesEach || !isOver; n++) {
      const id = postIds[n % postIds.length]!
      const wanted = !liker.stands.get(id)
      liker.stands.delete(id)
      try {
        const route = wanted ? 'PUT /api/posts/:id/like' : 'DELETE /api/posts/:id/like'
        const { liked, likeCount } = await liker.client.call(route, { params: { id } })
        assert.equal(liked, wanted)
        assert.ok(likeCount >= (wanted ? 1 : 0) && likeCount <= people)
        liker.stands.set(id, wanted)
        acknowledge()
      } catch (error) {
        // Refused by one that begins or ends, or no answer at all; anything else is a fault.
        const isExpected = error instanceof ApiError ? error.status === 503 : error instanceof TypeError
        if (!isExpected) throw error
        liker.failures.push(error)
        await until(async () => (await fetch(`${liker.home.url}/readyz`)).ok, 60_000)
      }
    }
  }
  const living = Promise.all(likers.map(live))
  const told = story(async (wanted) => {
    if (count >= wanted) return
    await Promise.race([
      living,
      new Promise<void>((resolve) => {
        waiting.push({ count: wanted, resolve })
      }),
    ])
  }).finally(() => {
    isOver = true
  })
  await Promise.all([told, living])
}

async function assertBooksAgree(kit: PostsKit, { postIds, likers }: Crowd): Promise<void> {
  const { main } = kit.app.database
  const rows = await main.selectFrom('likes').select(['post_id', 'user_id']).execute()
  const liked = new Set(rows.map((row) => `${row.post_id} ${row.user_id}`))
  for (const { id, stands } of likers)
    for (const [postId, wanted] of stands)
      assert.equal(liked.has(`${postId} ${id}`), wanted, 'acknowledged is what is there')
  const counts = await main.selectFrom('post_counts').select(['post_id', 'like_count']).execute()
  for (const { post_id, like_count } of counts)
    assert.equal(like_count, rows.filter((row) => row.post_id === post_id).length, 'counts are the rows')
  const told = await sql<{ id: Id; net: number }>`
    select subject_id as id, sum(case kind when 'likes.created' then 1 else -1 end)::int as net
    from events where kind in ('likes.created', 'likes.deleted') group by subject_id
  `.execute(main)
  for (const postId of postIds)
    assert.equal(
      told.rows.find(({ id }) => id === postId)?.net,
      rows.filter((row) => row.post_id === postId).length,
      'each change has its event',
    )
}
