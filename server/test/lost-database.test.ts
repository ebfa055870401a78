import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FeedMode } from '@heliograph/contract/accounts'
import { openPostgres, type Postgres } from '../src/supervisor/postgres.mjs'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson, follow, type Person } from './helpers/factories.ts'
import { type Listener, listen } from './helpers/listener.ts'
import { createPostsKit, type PostsKit } from './helpers/posts-kit.ts'
import { ask } from './helpers/problems.ts'
import { until } from './helpers/until.ts'

const awayMs = process.env.HELIOGRAPH_TEST_LONG === '1' ? 10_000 : 2_000

const modes: readonly FeedMode[] = ['ranked', 'chronological', 'favourites']

/** What is acknowledged is in the log, which outlives the postmaster. */
const options = { durable: false, settings: { synchronous_commit: 'on' } }

describe('a PostgreSQL that goes away for a while', () => {
  let folder: string
  let postgres: Postgres
  let kit: PostsKit
  let app: TestApp
  let ana: Person
  let ben: Person
  let listener: Listener

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliograph-lost-'))
    postgres = await openPostgres({ dataDir: folder, ...options })
    kit = await createPostsKit({ env: { DATABASE_URL: postgres.url } })
    app = kit.app
    ana = await buildPerson(app.client, { username: 'ana' })
    ben = await buildPerson(app.client, { username: 'ben' })
    await follow(ana, ben)
    listener = await listen(app.url, ana.token ?? '')
    await app.modules.graph.api.loadSight({ id: ana.id }, [ben.id])
  })
  after(async () => {
    await listener[Symbol.asyncDispose]()
    await kit[Symbol.asyncDispose]()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  test('is told as 503 with a problem that says to come again, never as an error of ours or as signed out', async () => {
    assert.ok(app.modules.graph.api.peekSight({ id: ana.id }, [ben.id]), 'this was in memory')
    await postgres.stop()
    // Until then memory may answer what it likes: nobody could take anything away unheard.
    await until(() => !app.coherence.isCurrent())
    assert.equal(app.modules.graph.api.peekSight({ id: ana.id }, [ben.id]), undefined)
    const reads = ['GET /api/feed', 'GET /api/me', 'GET /api/users/ben', 'GET /api/tags/light/posts']
    const writes = ['PUT /api/users/ben/mute', 'POST /api/sessions']
    const end = Date.now() + awayMs
    let asked = 0
    while (Date.now() < end) {
      for (const route of [...reads, ...writes]) {
        const isSignIn = route === 'POST /api/sessions'
        const body = isSignIn ? { login: 'ana', password: ana.password } : undefined
        const answer = await ask(app.url, route, { token: isSignIn ? undefined : ana.token, body })
        const told = `${route} ${answer.text}`
        assert.equal(answer.status, 503, told)
        assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
        assert.equal((JSON.parse(answer.text) as { code: string }).code, 'server.unavailable', told)
        assert.ok(Number(answer.headers.get('retry-after')) > 0, told)
        asked++
      }
      await sleep(100)
    }
    assert.ok(asked > 10)
    assert.equal((await ask(app.url, 'GET /healthz')).status, 200, 'the process itself is well')
    assert.equal((await ask(app.url, 'GET /readyz')).status, 503, 'a balancer sends people elsewhere')
    const cookieless = await ask(app.url, 'GET /api/capabilities')
    assert.equal(cookieless.status, 200, 'what needs no database is answered')
  })

  test('never needs a restart of the server, and open sockets hear again', async () => {
    postgres = await openPostgres({ dataDir: folder, ...options })
    // The first answers after it is back may still come from connections that died.
    for (let healed = 0; healed < 20; ) {
      const { status } = await ask(app.url, 'GET /api/feed', { token: ana.token })
      assert.ok(status === 200 || status === 503, `${status}`)
      healed = status === 200 ? healed + 1 : 0
      if (status !== 200) await sleep(50)
    }
    // What was found out holds for a second.
    while ((await ask(app.url, 'GET /readyz')).status !== 200) await sleep(50)
    const before = listener.events.length
    await follow(ben, ana)
    while (!listener.events.slice(before).some(({ type }) => type === 'graph.changed')) await sleep(20)
    await app.settle()
    assert.equal((await ana.call('GET /api/me')).followerCount, 1, 'written once')
  })

  test('never costs a feed a post, nor shows one twice, also killed in the middle of paging', async () => {
    const [reader, author] = await kit.people(2)
    await kit.follow(reader!, author!)
    await reader!.call('PUT /api/users/:username/favourite', { params: { username: author!.user.username } })
    const posts: string[] = []
    for (let made = 0; made < 5; made++) posts.unshift((await kit.post(author!)).id)
    const firstPages = await Promise.all(modes.map((mode) => read({ mode })))
    process.kill(postgres.pid, 'SIGKILL')
    await postgres.exited
    await until(() => !app.coherence.isCurrent())
    assert.equal((await ask(app.url, 'GET /api/feed', { token: reader!.token })).status, 503)
    postgres = await openPostgres({ dataDir: folder, ...options })
    await until(async () => (await ask(app.url, 'GET /api/feed', { token: reader!.token })).status === 200)
    for (const [which, mode] of modes.entries()) {
      const { ids, nextCursor } = firstPages[which]!
      const rest = await read({ mode, cursor: nextCursor ?? undefined, limit: 20 })
      assert.equal(rest.nextCursor, null)
      assert.deepEqual([...ids, ...rest.ids].toSorted(), posts.toSorted(), mode)
    }
    posts.unshift((await kit.post(author!)).id)
    for (const mode of modes)
      assert.deepEqual((await read({ mode, limit: 20 })).ids.toSorted(), posts.toSorted(), mode)

    async function read(query: { mode: FeedMode; limit?: number; cursor?: string | undefined }) {
      const page = await reader!.call('GET /api/feed', { query: { limit: 2, ...query } })
      return { ids: page.items.map(({ id }) => id), nextCursor: page.nextCursor }
    }
  })

  test('never leaves in memory what another process took away as soon as it was back', async () => {
    await using other = await createTestApp({ env: { DATABASE_URL: postgres.url } })
    await app.modules.graph.api.loadSight({ id: ben.id }, [ana.id])
    await postgres.stop()
    postgres = await openPostgres({ dataDir: folder, ...options })
    let blocked = await ask(other.url, 'PUT /api/users/ben/block', { token: ana.token })
    while (blocked.status === 503)
      blocked = await ask(other.url, 'PUT /api/users/ben/block', { token: ana.token })
    assert.equal(blocked.status, 200)
    let seen = await ask(app.url, 'GET /api/users/ana', { token: ben.token })
    while (seen.status === 503) seen = await ask(app.url, 'GET /api/users/ana', { token: ben.token })
    assert.equal(seen.status, 404)
    await until(() => app.coherence.isCurrent())
    assert.equal((await ask(app.url, 'GET /api/users/ana', { token: ben.token })).status, 404)
  })
})
