import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Me } from '@heliograph/contract/accounts'
import { me } from '../../lib/session.ts'
import { renewPush, switchPushOn } from './push-device.ts'

const kept = new Map<string, string>()
/** To whom the server pushes on this device. */
let told: string[] = []
let subscription: object | null = null
const realFetch = globalThis.fetch
const names = ['window', 'navigator', 'localStorage', 'Notification']
const outside = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name))

before(() => {
  const mine = {
    options: { applicationServerKey: null },
    toJSON: () => ({ endpoint: 'https://push.example/1', keys: { p256dh: 'a', auth: 'b' } }),
    unsubscribe: async () => {
      subscription = null
    },
  }
  const pushManager = {
    getSubscription: async () => subscription,
    subscribe: async () => {
      subscription = mine
      return mine
    },
  }
  const registration = { pushManager }
  const serviceWorker = { getRegistration: async () => registration, ready: Promise.resolve(registration) }
  const values = {
    window: { PushManager: class {}, Notification: class {} },
    navigator: { serviceWorker },
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
    Notification: { permission: 'granted', requestPermission: async () => 'granted' },
  }
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  globalThis.fetch = async (path) => {
    if (path === '/api/push-key') return Response.json({ key: 'AAAA' })
    // What else the app tells in its own time, as what was looked at, is nothing of this.
    if (path === '/api/push-subscriptions') told.push(String(me.peek()?.id))
    return new Response(null, { status: 204 })
  }
})

after(() => {
  globalThis.fetch = realFetch
  names.forEach((name, at) => {
    const old = outside[at]
    if (old) Object.defineProperty(globalThis, name, old)
    else Reflect.deleteProperty(globalThis, name)
  })
})

beforeEach(async () => {
  told = []
  kept.clear()
  me.value = { id: '1' } as Me
  await switchPushOn()
  assert.deepEqual(told, ['1'])
})

test('what one person switched on is renewed for that person', async () => {
  await renewPush()
  assert.deepEqual(told, ['1', '1'])
  assert.ok(subscription)
})

test('what one person switched on does not go over to the next one at a shared browser, nor is it left for nobody', async () => {
  me.value = { id: '2' } as Me
  await renewPush()
  assert.deepEqual(told, ['1'])
  assert.equal(subscription, null)

  await switchPushOn()
  me.value = null
  await renewPush()
  assert.deepEqual(told, ['1', '2'])
  assert.equal(subscription, null)
})
