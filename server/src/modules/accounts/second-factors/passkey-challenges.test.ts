import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createTestClock } from '#platform/clock/clock.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import { createPasskeyChallenges, passkeyPatienceMs } from './passkey-challenges.ts'

test('a question to a passkey is not lost by a change of the keys, and is none once the old ones are forgotten', async () => {
  const clock = createTestClock()
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const by = (...keys: Keys) => createPasskeyChallenges({ keys, clock })
  const asked = by(old).create({ for: 'sign-in' })
  assert.equal(by(fresh, old).isOpen(asked, { for: 'sign-in' }), true)
  assert.equal(by(fresh, old).isOpen(asked, { for: 'proof', sessionId: '1' }), false)
  assert.equal(by(fresh).isOpen(asked, { for: 'sign-in' }), false)
  assert.equal(by(old).isOpen(by(fresh, old).create({ for: 'sign-in' }), { for: 'sign-in' }), false)
  await clock.advance(passkeyPatienceMs)
  assert.equal(by(fresh, old).isOpen(asked, { for: 'sign-in' }), false)
})
