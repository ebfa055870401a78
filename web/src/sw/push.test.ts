import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'

// The browser that the suite drives is a headless shell without notifications of the system. That a push reaches the worker while no
// page is open is shown there (web/e2e/notifications.e2e.ts); what is done with each is asked here, with the few things of a
// browser that it touches.

interface Window {
  focused: boolean
  heard: unknown[]
  focus(): Promise<void>
  postMessage(message: unknown): void
}

let shown: { title: string; options: NotificationOptions }[]
let windows: Window[]
let opened: string[]
let icon: number | null

const scope = {
  clients: {
    matchAll: async () => windows,
    openWindow: async (path: string) => void opened.push(path),
  },
  registration: {
    showNotification: async (title: string, options: NotificationOptions) =>
      void shown.push({ title, options }),
  },
  navigator: {
    setAppBadge: async (count: number) => {
      icon = count
    },
    clearAppBadge: async () => {
      icon = null
    },
  },
}
let kept: string | undefined
const caches = {
  open: async () => ({
    match: async () => (kept === undefined ? undefined : new Response(kept)),
    put: async (_key: string, response: Response) => {
      kept = await response.text()
    },
  }),
}
Object.assign(globalThis, { self: scope, caches })
const { openPushed, showPush } = await import('./push.ts')

beforeEach(() => {
  shown = []
  windows = []
  opened = []
  icon = 7
  kept = undefined
})

const push = (text: string) => showPush({ json: () => JSON.parse(text) } as PushMessageData)

function openWindow(focused: boolean): Window {
  const window: Window = {
    focused,
    heard: [],
    focus: async () => {
      window.focused = true
    },
    postMessage: (message) => void window.heard.push(message),
  }
  windows.push(window)
  return window
}

test('a push that comes while no page is looked at is shown, with the number on the icon', async () => {
  openWindow(false)
  await push('{"title":"@nur liked your post","body":"","path":"/p/5","unreadCount":3}')
  assert.equal(shown[0]?.title, '@nur liked your post')
  assert.deepEqual(shown[0]?.options.data, { path: '/p/5' })
  assert.equal(icon, 3)
})

test('messages of one conversation stand in one line, which is heard each time, and take the place of no other', async () => {
  for (const tag of ['messages-1', 'messages-2', undefined])
    await push(JSON.stringify({ title: '@nur sent you a message', path: '/messages/1', unreadCount: 1, tag }))
  assert.deepEqual(
    shown.map(({ options }) => [options.tag, 'renotify' in options && options.renotify]),
    [
      ['messages-1', true],
      ['messages-2', true],
      ['heliograph', false],
    ],
  )
})

test('what is sent once more, as after a crash, is heard once, also when it was wiped away meanwhile', async () => {
  for (const tag of ['messages-1', undefined])
    for (const id of ['5', '5', '6'])
      await push(JSON.stringify({ title: '@nur sent you a message', path: '/', unreadCount: 1, tag, id }))
  assert.deepEqual(
    shown.map(({ options }) => [options.silent, 'renotify' in options && options.renotify]),
    [
      [false, true],
      [true, false],
      [false, true],
      [false, false],
      [true, false],
      [false, false],
    ],
  )
  for (let id = 100; id < 300; id++) await push(JSON.stringify({ title: 'x', path: '/', id: String(id) }))
  assert.ok(kept!.length < 2000, 'it grows with each')
})

test('whoever looks at a page is not shown it twice', async () => {
  openWindow(true)
  await push('{"title":"x","path":"/p/5","unreadCount":0}')
  assert.deepEqual([shown, icon], [[], null])
})

test('what is no message of ours shows nothing', async () => {
  for (const text of ['not json', '{}', '[]', 'null', '{"title":""}', '{"title":7}']) await push(text)
  await showPush(null)
  assert.deepEqual(shown, [])
})

test('a push never opens another site', async () => {
  for (const path of [
    '//evil.example/x',
    '/\\evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    5,
    null,
  ]) {
    await push(JSON.stringify({ title: 'Come', path }))
    assert.deepEqual(shown.pop()?.options.data, { path: '/notifications' }, String(path))
    await openPushed({ path })
    assert.equal(opened.pop(), '/notifications', String(path))
  }
})

test('opening one brings the page that is there to the front, and opens one only where there is none', async () => {
  const [, second] = [openWindow(false), openWindow(true)]
  await openPushed({ path: '/p/5' })
  assert.deepEqual(second?.heard, [{ type: 'open', path: '/p/5' }])
  assert.deepEqual(opened, [])
  windows = []
  await openPushed({ path: '/p/5' })
  assert.deepEqual(opened, ['/p/5'])
})
