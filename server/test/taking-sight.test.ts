import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type Client } from '@heliograph/client'
import { createPostsKit, type PostsKit } from './helpers/posts-kit.ts'
import { createProcesses, type TestProcess, type TestProcesses } from './helpers/processes.ts'
import { startRedis, type TestRedis, withoutRedis } from './helpers/redis.ts'
import { until } from './helpers/until.ts'

// What was taken away through one process is asked for through the other, in the moment after the answer.

type Person = Awaited<ReturnType<Client['signUp']>>

interface Round {
  /** Through A. Resolves with its answer. */
  take(): Promise<void>
  /** Through B. */
  sees(): Promise<boolean>
}

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

let redis: TestRedis
let all: TestProcesses
let kit: PostsKit

/** Ends as commands do: from a process that serves nobody. */
async function suspend(person: Person): Promise<void> {
  await kit.app.modules.accounts.api.setState(person.user.id, 'suspended')
}

async function personAt(process: TestProcess): Promise<Person> {
  const username = `p_${randomBytes(6).toString('hex')}`
  return process.client.signUp({
    username,
    email: `${username}@example.org`,
    password: 'correct horse battery',
  })
}

/** False when it is refused; anything else that goes wrong is the test's business. */
async function isAnswered(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    if (error instanceof ApiError && [401, 403, 404].includes(error.status)) return false
    throw error
  }
}

/** They follow other authors by and by: a round needs a new author alone. All that they follow fits on a page. */
const viewers: Person[] = []
const viewersMax = isLong ? 1000 : 4
let turn = 0

async function pair(): Promise<{ author: Person; viewer: Person; viewerAtB: Client; postId: string }> {
  const place = turn++ % viewersMax
  const [author, viewer] = await Promise.all([personAt(all.a), viewers[place] ?? personAt(all.a)])
  viewers[place] = viewer
  const { id } = await kit.post(author)
  return { author, viewer, viewerAtB: all.b.client.as(viewer.token), postId: id }
}

async function follow(viewer: Person, author: Person): Promise<void> {
  const to = { params: { username: author.user.username } }
  await viewer.call('PUT /api/users/:username/follow', to)
  const { isPrivate } = await author.call('GET /api/me')
  const from = { params: { username: viewer.user.username } }
  if (isPrivate) await author.call('PUT /api/follow-requests/:username', from)
}

async function isInTray(viewer: Client, author: Person): Promise<boolean> {
  const { items } = await viewer.call('GET /api/stories')
  return items.some(({ user }) => user.id === author.user.id)
}

const kinds: Record<string, () => Promise<Round>> = {
  async 'a block'() {
    const { author, viewer, viewerAtB, postId } = await pair()
    await follow(viewer, author)
    const params = { username: viewer.user.username }
    return {
      take: async () => void (await author.call('PUT /api/users/:username/block', { params })),
      sees: () => isAnswered(viewerAtB.call('GET /api/posts/:id', { params: { id: postId } })),
    }
  },
  async 'going private'() {
    const { author, viewerAtB } = await pair()
    return {
      take: async () => void (await author.call('PATCH /api/me', { body: { isPrivate: true } })),
      async sees() {
        const params = { username: author.user.username }
        const { items } = await viewerAtB.call('GET /api/users/:username/posts', { params })
        return items.length > 0
      },
    }
  },
  async 'the removal of a follower'() {
    const { author, viewer, viewerAtB, postId } = await pair()
    await author.call('PATCH /api/me', { body: { isPrivate: true } })
    await follow(viewer, author)
    const params = { username: viewer.user.username }
    return {
      take: async () => void (await author.call('DELETE /api/users/:username/follower', { params })),
      async sees() {
        const { items } = await viewerAtB.call('GET /api/feed')
        return items.some(({ id }) => id === postId)
      },
    }
  },
  async 'a narrower audience'() {
    const { author, viewer, viewerAtB, postId } = await pair()
    await follow(viewer, author)
    const params = { id: postId }
    return {
      take: async () =>
        void (await author.call('PATCH /api/posts/:id', { params, body: { audience: 'close_friends' } })),
      async sees() {
        const { items } = await viewerAtB.call('GET /api/feed')
        return items.some(({ id }) => id === postId)
      },
    }
  },
  async 'the removal of a close friend'() {
    const { author, viewer, viewerAtB, postId } = await pair()
    const params = { username: viewer.user.username }
    await author.call('PUT /api/users/:username/close-friend', { params })
    await author.call('PATCH /api/posts/:id', { params: { id: postId }, body: { audience: 'close_friends' } })
    return {
      take: async () => void (await author.call('DELETE /api/users/:username/close-friend', { params })),
      sees: () => isAnswered(viewerAtB.call('GET /api/posts/:id', { params: { id: postId } })),
    }
  },
  async 'the deletion of a post'() {
    const { author, viewer, viewerAtB, postId } = await pair()
    await follow(viewer, author)
    return {
      take: async () => void (await author.call('DELETE /api/posts/:id', { params: { id: postId } })),
      async sees() {
        const { items } = await viewerAtB.call('GET /api/feed')
        return items.some(({ id }) => id === postId)
      },
    }
  },
  async 'hiding Stories'() {
    const { author, viewer, viewerAtB } = await pair()
    await follow(viewer, author)
    await kit.story(author)
    const params = { username: viewer.user.username }
    return {
      take: async () => void (await author.call('PUT /api/users/:username/story-hidden', { params })),
      sees: () => isInTray(viewerAtB, author),
    }
  },
  async 'the deletion of a Story'() {
    const { author, viewer, viewerAtB } = await pair()
    await follow(viewer, author)
    const params = { id: (await kit.story(author)).id }
    return {
      take: async () => void (await author.call('DELETE /api/stories/:id', { params })),
      sees: () => isInTray(viewerAtB, author),
    }
  },
  async 'a suspension'() {
    const { author, viewerAtB } = await pair()
    const params = { username: author.user.username }
    return {
      take: () => suspend(author),
      sees: () => isAnswered(viewerAtB.call('GET /api/users/:username', { params })),
    }
  },
  async 'the end of a session'() {
    const person = await personAt(all.a)
    const { items } = await person.call('GET /api/sessions')
    const params = { id: items[0]!.id }
    const atB = all.b.client.as(person.token)
    return {
      take: async () => void (await person.call('DELETE /api/sessions/:id', { params })),
      sees: () => isAnswered(atB.call('GET /api/me')),
    }
  },
}

/** Refused for being busy, as after a stall, is not seen either. */
async function isSeen(asked: Promise<boolean>): Promise<boolean> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError && error.status === 503) return false
    throw error
  }
}

/** Asked without a pause while it is taken away: whoever begins to ask after the answer sees nothing. */
async function hammer({ take, sees }: Round): Promise<void> {
  await until(sees)
  const state = { isAnswered: false, isDone: false }
  const asking = Array.from({ length: 3 }, async () => {
    while (!state.isDone) {
      const isAfter = state.isAnswered
      assert.ok(!(await sees()) || !isAfter, 'it was seen after the answer')
    }
  })
  try {
    await take()
    state.isAnswered = true
    for (let n = 0; n < 5; n++) assert.equal(await sees(), false)
  } finally {
    state.isDone = true
  }
  await Promise.all(asking)
}

async function figureOf({ url }: TestProcess, pattern: RegExp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(pattern.exec(text)?.[1] ?? Number.NaN)
}
const relationHits = /heliograph_kept_hits\{name="relations"\} (\d+)/
const isCurrent = async (process: TestProcess) =>
  (await figureOf(process, /heliograph_sight_current (\d)/)) === 1

/** B stands still while A answers; what it was asked meanwhile waits in its sockets until it goes on. */
async function takeWhileStalled(): Promise<void> {
  const rounds = await Promise.all(Object.values(kinds).map((prepare) => prepare()))
  for (const { sees } of rounds) await until(sees)
  const asked: { answer: Promise<boolean>; sees: Round['sees'] }[] = []
  all.b.pause()
  try {
    await Promise.all(rounds.map(({ take }) => take()))
  } finally {
    asked.push(...rounds.map(({ sees }) => ({ answer: sees(), sees })))
    await sleep(isLong ? 3000 : 500)
    all.b.resume()
  }
  for (const { answer, sees } of asked) {
    assert.equal(await isSeen(answer), false)
    for (let n = 0; n < 5; n++) assert.equal(await isSeen(sees()), false)
  }
  await until(() => isCurrent(all.b))
  for (const { sees } of asked) assert.equal(await isSeen(sees()), false)
}

describe('after its answer, what was taken away through one process', { skip: withoutRedis }, () => {
  before(async () => {
    redis = await startRedis()
    all = await createProcesses({ env: { REDIS_URL: redis.url }, start: ['a', 'b'] })
    kit = await createPostsKit({ env: { DATABASE_URL: all.databaseUrl } })
    await kit.app.coherence.stop()
    await until(async () => (await isCurrent(all.a)) && (await isCurrent(all.b)))
  })
  after(async () => {
    all.b.resume()
    await kit[Symbol.asyncDispose]()
    await all[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
  })

  for (const [kind, prepare] of Object.entries(kinds))
    test(`by ${kind} is never seen through another`, async () => {
      const before = await figureOf(all.b, relationHits)
      for (let round = 0; round < (isLong ? 40 : 2); round++) await hammer(await prepare())
      const isAboutSight = kind !== 'the end of a session'
      if (isAboutSight) assert.ok((await figureOf(all.b, relationHits)) > before, 'nothing came from memory')
    })

  test('is never seen through one that was stalled meanwhile', () => takeWhileStalled())

  test('is never seen through one that was killed and began anew', async () => {
    const rounds = await Promise.all(Object.values(kinds).map((prepare) => prepare()))
    for (const { sees } of rounds) await until(sees)
    await all.b.kill()
    await Promise.all(rounds.map(({ take }) => take()))
    await all.b.start()
    for (const { sees } of rounds) assert.equal(await sees(), false)
    await until(() => isCurrent(all.b))
    for (const { sees } of rounds) assert.equal(await sees(), false)
  })

  test('is never seen while every word between processes is lost', async () => {
    await redis.kill()
    for (let round = 0; round < (isLong ? 10 : 1); round++)
      await Promise.all(Object.values(kinds).map(async (prepare) => hammer(await prepare())))
    assert.ok(await isCurrent(all.b), 'PostgreSQL alone is enough')
  })

  test('is never seen through one that was stalled and hears nothing afterwards', () => takeWhileStalled())
})
