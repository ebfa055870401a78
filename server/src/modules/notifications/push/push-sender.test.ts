import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createPushKeys } from '../../../../test/helpers/push-messages.ts'
import { createPushSender } from './push-sender.ts'
import type { SubscriptionRow } from './push-subscriptions.ts'
import { vapidKeysOf } from './vapid-keys.ts'

test('a browser that knows the keys of before alone is still reached after a change, any other by the new ones', async () => {
  const [fresh, old] = [randomBytes(32), randomBytes(32)].map((key) =>
    vapidKeysOf(key, 'https://example.org'),
  )
  let signed: string[] = []
  let known = ''
  const outbound = {
    async post(_endpoint: string, { headers }: { headers: Record<string, string> }) {
      const by = /k=([\w-]+)/.exec(headers.authorization ?? '')?.[1] ?? ''
      signed.push(by)
      return { status: by === known ? 201 : 403, retryAfter: undefined }
    },
  }
  const { keys } = createPushKeys()
  const to: SubscriptionRow = {
    ...{ bucket: 1, user_id: '1', session_id: '2', endpoint_hash: Buffer.alloc(32) },
    ...{ endpoint: 'https://push.example/1', ...keys, created_at: new Date(), refused_at: null },
  }
  const message = { title: 'a', body: 'b', path: '/', unreadCount: 1, id: '9' }
  const push = (by: typeof fresh, also?: typeof old) =>
    createPushSender({ outbound, keys: [by!, ...(also ? [also] : [])] })(to, message, {
      ...{ urgency: 'normal', topic: 't' },
    })
  known = old!.publicKey
  assert.equal(await push(fresh, old), 'delivered')
  assert.deepEqual(signed, [fresh!.publicKey, old!.publicKey])
  signed = []
  assert.equal(await push(fresh), 'refused', 'and not for ever')
  known = fresh!.publicKey
  signed = []
  assert.equal(await push(fresh, old), 'delivered')
  assert.deepEqual(signed, [fresh!.publicKey])
})
