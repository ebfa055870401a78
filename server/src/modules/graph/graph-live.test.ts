import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LiveEvent } from '@heliograph/contract/live'
import { WebSocket } from 'ws'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { block, buildPeople, buildPerson, follow, type Person } from '../../../test/helpers/factories.ts'

let app: TestApp
const open: WebSocket[] = []

before(async () => {
  app = await createTestApp()
})
after(async () => {
  for (const socket of open) socket.terminate()
  await app[Symbol.asyncDispose]()
})

interface Listener {
  /** What came since the last look, once everything committed has been heard. */
  heard(): Promise<string[]>
  closed: Promise<number>
}

async function listen(person: Person): Promise<Listener> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/live`, {
    headers: { authorization: `Bearer ${person.token}` },
  })
  open.push(socket)
  const events: string[] = []
  const hello = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<number>()
  socket.on('message', (data) => {
    const event = LiveEvent.parse(JSON.parse(String(data)))
    if (event.type === 'hello') hello.resolve()
    // The bell goes out in its own time, which may be before the look or after it.
    if (event.type === 'hello' || event.type === 'notifications.changed') return
    events.push(event.type === 'author.gone' ? `author.gone ${event.authorId}` : event.type)
  })
  socket.on('close', (code) => closed.resolve(code))
  socket.on('error', hello.reject)
  await hello.promise
  return {
    closed: closed.promise,
    async heard() {
      await app.settle()
      // What the server has sent before this answer has arrived before it.
      const pong = Promise.withResolvers<void>()
      socket.once('pong', () => pong.resolve())
      socket.ping()
      await pong.promise
      return events.splice(0).sort()
    },
  }
}

test('both sides of a follow hear of it, and nobody else', async () => {
  const [ann, ben, eve] = await buildPeople(app.client, 3)
  assert.ok(ann && ben && eve)
  const listeners = [await listen(ann), await listen(ben), await listen(eve)]
  await app.settle()
  for (const listener of listeners) await listener.heard()
  await follow(ann, ben)
  const heard = [await listeners[0]!.heard(), await listeners[1]!.heard(), await listeners[2]!.heard()]
  assert.deepEqual(heard, [['graph.changed'], ['graph.changed'], []])
})

test('whoever loses sight of an account is told to drop it: by a block, by removal, by going private', async () => {
  const [ann, ben, cat] = await buildPeople(app.client, 3)
  assert.ok(ann && ben && cat)
  await follow(ann, ben)
  await follow(cat, ben)
  const [annHears, catHears] = [await listen(ann), await listen(cat)]
  await annHears.heard()
  await catHears.heard()
  await ben.call('DELETE /api/users/:username/follower', { params: { username: ann.username } })
  assert.deepEqual(await annHears.heard(), [`author.gone ${ben.id}`, 'graph.changed'])
  await ben.call('PATCH /api/me', { body: { isPrivate: true } })
  assert.deepEqual(await annHears.heard(), [`author.gone ${ben.id}`])
  assert.deepEqual(await catHears.heard(), [], 'a follower still sees')
  await block(ben, cat)
  assert.ok((await catHears.heard()).includes(`author.gone ${ben.id}`))
})

test('who is blocked does not hear that an account goes private or is suspended', async () => {
  const [ann, eve, cat] = await buildPeople(app.client, 3)
  assert.ok(ann && eve && cat)
  await block(ann, eve)
  const [eveHears, catHears] = [await listen(eve), await listen(cat)]
  await eveHears.heard()
  await catHears.heard()
  await ann.call('PATCH /api/me', { body: { isPrivate: true } })
  assert.deepEqual(await catHears.heard(), [`author.gone ${ann.id}`], 'whoever saw the account hears of it')
  assert.deepEqual(await eveHears.heard(), [])
  await app.modules.accounts.api.setState(ann.id, 'suspended')
  assert.deepEqual(await catHears.heard(), [`author.gone ${ann.id}`])
  assert.deepEqual(await eveHears.heard(), [])
})

test('who is muted hears nothing', async () => {
  const [ann, ben] = await buildPeople(app.client, 2)
  assert.ok(ann && ben)
  const benHears = await listen(ben)
  await benHears.heard()
  await ann.call('PUT /api/users/:username/mute', { params: { username: ben.username } })
  await ann.call('DELETE /api/users/:username/mute', { params: { username: ben.username } })
  assert.deepEqual(await benHears.heard(), [])
})

test('a socket does not outlive its session', async () => {
  const me = await buildPerson(app.client)
  const other = { ...me, ...(await app.client.signIn(me.username, me.password)) }
  const [mine, others] = [await listen(me), await listen(other)]
  await me.call('DELETE /api/sessions/current')
  assert.equal(await mine.closed, 4001)
  assert.deepEqual(await others.heard(), [], 'the other session goes on')
  await app.modules.accounts.api.setState(me.id, 'suspended')
  assert.equal(await others.closed, 4001)
})
