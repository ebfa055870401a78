import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { liveCloseCodes } from '@heliograph/contract/live-close-codes'
import { onLive, onReconcile, startLive, stopLive } from './live.ts'

/** The network, in the hands of the test. */
class Line {
  static readonly OPEN = 1
  static readonly all: Line[] = []
  readyState = Line.OPEN
  readonly sent: string[] = []
  readonly url: URL
  onmessage: ((message: { data: unknown }) => void) | undefined
  onclose: ((closing: { code: number }) => void) | undefined

  constructor(url: URL) {
    this.url = url
    Line.all.push(this)
  }

  get after(): string | null {
    return this.url.searchParams.get('after')
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.readyState = 3
  }

  hear(...events: object[]): void {
    for (const event of events) this.onmessage?.({ data: JSON.stringify(event) })
  }

  break(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

const page = new EventTarget()
let readAgain = 0
let heard: string[] = []
const offs: (() => void)[] = []

const line = () => Line.all.at(-1)!
/** Longer than any wait between two tries. */
const pass = () => mock.timers.tick(30_000)
const hello = (id: string) => ({ id, type: 'hello' })

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] })
  Object.assign(globalThis, {
    WebSocket: Line,
    location: { href: 'https://sun.example/' },
    document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  })
  Line.all.length = 0
  readAgain = 0
  heard = []
  offs.push(
    onReconcile(() => {
      readAgain += 1
    }),
    onLive('me.changed', ({ type }) => heard.push(type)),
  )
  startLive()
})

afterEach(() => {
  stopLive()
  for (const off of offs.splice(0)) off()
  mock.timers.reset()
})

test('who connects again says what it has heard, and reads nothing again that will be sent', () => {
  assert.equal(line().url.href, 'wss://sun.example/api/live')
  line().hear(hello('abcdefgh.3'), { id: 'abcdefgh.4', type: 'me.changed' })
  line().break()
  pass()
  assert.equal(line().after, 'abcdefgh.4')
  line().hear(hello('abcdefgh.4'), { id: 'abcdefgh.5', type: 'me.changed' })
  assert.deepEqual([heard.length, readAgain], [2, 1], 'once, after the first line was open')
})

test('what came between the first reading and the open line is not missed, and is read once', () => {
  line().hear(hello('abcdefgh.3'))
  pass()
  assert.equal(readAgain, 1)
  pass()
  line().break()
  pass()
  line().hear(hello('abcdefgh.3'))
  pass()
  assert.equal(readAgain, 1)
})

test('whoever read again meanwhile, or left, does not read once more', () => {
  line().hear(hello('abcdefgh.3'), { id: 'abcdefgh.4', type: 'resync' })
  pass()
  assert.equal(readAgain, 1)
  stopLive()
  startLive()
  line().hear(hello('abcdefgh.3'))
  stopLive()
  pass()
  assert.equal(readAgain, 1)
})

test('told to read again, it does so once, and goes on from there', () => {
  line().hear(hello('abcdefgh.3'))
  line().break()
  pass()
  line().hear({ type: 'hello' })
  assert.equal(readAgain, 1, 'the word comes next')
  line().hear({ id: 'ijklmnop.9', type: 'resync' })
  assert.equal(readAgain, 2)
  line().break()
  pass()
  assert.equal(line().after, 'ijklmnop.9')
})

test('a server that knows no ids is read again after each break', () => {
  line().hear({ type: 'hello' })
  line().break()
  pass()
  line().hear({ type: 'hello' })
  assert.equal(readAgain, 2)
})

test('a line that died without a word is noticed and given up', () => {
  const dead = line()
  dead.hear(hello('abcdefgh.0'))
  mock.timers.tick(60_000)
  assert.deepEqual(dead.sent, ['{"type":"ping"}'])
  mock.timers.tick(10_000)
  assert.notEqual(line(), dead)
  assert.equal(dead.readyState, 3)
  dead.hear({ id: 'abcdefgh.1', type: 'me.changed' })
  assert.deepEqual(heard, [])
})

test('a line that answers is kept', () => {
  const alive = line()
  alive.hear(hello('abcdefgh.0'))
  for (let round = 0; round < 10; round++) {
    mock.timers.tick(15_000)
    if (alive.sent.length > 0) alive.hear({ type: 'pong' })
  }
  assert.equal(line(), alive)
})

test('back on the network it does not wait for its turn', () => {
  line().hear(hello('abcdefgh.0'))
  line().break()
  page.dispatchEvent(new Event('online'))
  assert.equal(Line.all.length, 2)
})

test('one tab too many does not fight for its place', () => {
  line().hear(hello('abcdefgh.0'))
  line().break(liveCloseCodes.tooMany)
  for (let round = 0; round < 5; round++) pass()
  assert.equal(Line.all.length, 1)
  document.dispatchEvent(new Event('visibilitychange'))
  assert.equal(Line.all.length, 2)
})

test('a session that is over is asked about, and another person begins without its place', () => {
  line().hear(hello('abcdefgh.0'))
  line().break(liveCloseCodes.sessionEnded)
  assert.equal(readAgain, 1)
  stopLive()
  startLive()
  assert.equal(line().after, null)
})
