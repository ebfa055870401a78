import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createTestClock } from '#platform/clock/clock.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import { createExportAddresses } from './exports-addresses.ts'
import { addressMs } from './exports-policy.ts'

test('a download goes on over a change of the keys, and leads nowhere once the old ones are forgotten', async () => {
  const clock = createTestClock()
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const by = (...keys: Keys) => createExportAddresses({ keys, clock })
  const given = by(old).sign('7')
  assert.equal(by(fresh, old).isGood('7', given), true)
  assert.equal(by(fresh, old).isGood('8', given), false, 'to another copy')
  assert.equal(by(fresh, old).isGood('7', { ...given, until: given.until + 1 }), false, 'for longer')
  assert.equal(by(fresh).isGood('7', given), false)
  assert.equal(by(old).isGood('7', by(fresh, old).sign('7')), false, 'new ones are made with the new key')
  await clock.advance(addressMs + 1000)
  assert.equal(by(fresh, old).isGood('7', given), false)
})
