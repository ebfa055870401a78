import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { Me } from '@heliograph/contract/accounts'
import { startLive, stopLive } from '../../lib/live.ts'
import { me } from '../../lib/session.ts'
import { openNotifications, watchList } from './notifications.ts'
import { noteUnread, unreadCount } from './unread.ts'

/** The line to the server, in the hands of the test. */
let hear: ((message: { data: string }) => void) | undefined
class Line {
  set onmessage(listener: typeof hear) {
    hear = listener
  }
  close(): void {}
}

const realFetch = globalThis.fetch

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] })
  const page = new EventTarget()
  Object.assign(globalThis, {
    WebSocket: Line,
    location: { href: 'https://sun.example/' },
    document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  })
})

afterEach(() => {
  stopLive()
  mock.timers.reset()
  globalThis.fetch = realFetch
  for (const name of ['WebSocket', 'location', 'document', 'addEventListener', 'removeEventListener'])
    Reflect.deleteProperty(globalThis, name)
})

test('the bell does not stay on a count that is gone: whoever reads the list learns how many are new', async () => {
  me.value = { id: '1' } as Me
  noteUnread({ unreadCount: 3, unreadMessages: 0 })
  globalThis.fetch = async () =>
    Response.json({ items: [], nextCursor: null, unreadCount: 0, unreadMessages: 0 })
  await openNotifications().refresh()
  assert.equal(unreadCount.value, 0)
})

test('an open page does not keep rows of a post or a person that is gone, or that went while none is new', () => {
  let readings = 0
  const stop = watchList(async () => {
    readings++
  })
  startLive()
  const events = [
    { type: 'notifications.changed', unreadCount: 0, unreadMessages: 0 },
    { type: 'author.gone', authorId: '2' },
    { type: 'post.gone', postId: '3' },
  ]
  for (const [index, event] of events.entries()) {
    hear?.({ data: JSON.stringify(event) })
    mock.timers.tick(1000)
    assert.equal(readings, index + 2, event.type)
  }
  for (const event of events) hear?.({ data: JSON.stringify(event) })
  mock.timers.tick(1000)
  assert.equal(readings, 5, 'what comes at once is read once')
  stop()
  hear?.({ data: JSON.stringify(events[0]) })
  mock.timers.tick(1000)
  assert.equal(readings, 5)
})
