import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { Me } from '@heliograph/contract/accounts'
import { online } from './online.ts'
import { me } from './session.ts'
import { forgetSignals, startSignals, tell } from './signals.ts'

const realFetch = globalThis.fetch
/** The ids of each request that came. */
let sent: string[][]
let status: number

const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
const stored = new Map<string, string>()
const localStorage = {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
  removeItem: (key: string) => void stored.delete(key),
}
Object.assign(globalThis, { document: page, addEventListener: () => undefined, localStorage })
// Takes what it is given, and may lose it.
Object.assign(navigator, { sendBeacon: () => true })
startSignals()

beforeEach(() => {
  sent = []
  status = 202
  mock.timers.enable({ apis: ['setTimeout'] })
  globalThis.fetch = async (_, init) => {
    const { signals } = JSON.parse(String(init?.body)) as { signals: { id: string }[] }
    sent.push(signals.map(({ id }) => id))
    if (status === 0) throw new TypeError('no connection')
    return new Response('{"accepted":1}', { status })
  }
  me.value = { id: '1', personalisation: true } as Me
  online.value = true
})

afterEach(() => {
  page.visibilityState = 'visible'
  stored.clear()
  me.value = null
  mock.timers.reset()
  globalThis.fetch = realFetch
})

const look = (times = 1) => {
  for (let time = 0; time < times; time++) tell({ kind: 'impression', postId: '7', dwellMs: 500 })
}

async function wait(ms: number): Promise<void> {
  mock.timers.tick(ms)
  await answered()
}

/** Everything that only waits for answers has them. */
async function answered(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('what is told goes out every ten seconds, and at once when there is much', async () => {
  look(3)
  assert.equal(sent.length, 0)
  await wait(10_000)
  assert.deepEqual(
    sent.map((ids) => ids.length),
    [3],
  )
  look(50)
  await answered()
  assert.deepEqual(
    sent.map((ids) => ids.length),
    [3, 50],
  )
  const all = sent.flat()
  assert.equal(new Set(all).size, all.length)
})

test('without a connection it is kept, but never more than five hundred, and the newest', async () => {
  status = 0
  look(700)
  await answered()
  assert.equal(online.value, false)
  const tried = sent.length
  await wait(60_000)
  assert.equal(sent.length, tried, 'nobody is asked who is not there')
  status = 202
  sent = []
  online.value = true
  for (let time = 0; time < 12; time++) await wait(10_000)
  assert.equal(sent.flat().length, 500)
  assert.equal(new Set(sent.flat()).size, 500)
})

test('a server in trouble is asked once more, with the same names, and then no longer', async () => {
  status = 503
  look()
  for (let time = 0; time < 5; time++) await wait(10_000)
  assert.equal(sent.length, 2)
  assert.deepEqual(sent[0], sent[1])
})

test('nothing is kept of who does not want it, and nothing stays of who left', async () => {
  look()
  me.value = { id: '1', personalisation: false } as Me
  look()
  me.value = null
  look()
  me.value = { id: '2', personalisation: true } as Me
  await wait(10_000)
  assert.deepEqual(sent, [])
})

test('nothing that waits is told after it was erased, and what is under way has come in before', async () => {
  look()
  await forgetSignals()
  await wait(10_000)
  assert.deepEqual(sent, [])

  let answer = (_: Response) => {}
  globalThis.fetch = () =>
    new Promise((resolve) => {
      answer = resolve
    })
  look()
  await wait(10_000)
  look()
  let isErasing = false
  const forgotten = forgetSignals().then(() => {
    isErasing = true
  })
  await answered()
  assert.equal(isErasing, false)
  answer(new Response('{"accepted":1}', { status: 202 }))
  await forgotten
  await wait(10_000)
  assert.deepEqual(sent, [])
})

test('what is told says by which clock', async () => {
  let body: { sentAt?: string; signals: { at: string }[] } | undefined
  globalThis.fetch = async (_, init) => {
    body = JSON.parse(String(init?.body))
    return new Response('{"accepted":1}', { status: 202 })
  }
  look()
  await wait(10_000)
  assert.ok(body?.sentAt && body.sentAt >= body.signals[0]!.at)
})

test('what a page said as it closed is not lost where it closes twice, or another tab closed before', async () => {
  const hide = () => {
    page.visibilityState = 'hidden'
    page.dispatchEvent(new Event('visibilitychange'))
  }
  look()
  // Nobody answers this one any more: it is under way as the page goes.
  globalThis.fetch = () => new Promise(() => undefined)
  await wait(10_000)
  look(2)
  hide()
  hide()
  const { owner, signals } = JSON.parse(stored.get('heliograph.signals') ?? '{}')
  assert.equal(owner, '1')
  assert.equal(signals.length, 3)
})
