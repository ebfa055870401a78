import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { createTestClock } from '#platform/clock/clock.ts'
import { idAt } from '#platform/ids/ids.ts'
import { masterKey, mediaIdOfKey, photoKeys, uploadIdOfMasterKey } from '../media-keys.ts'
import {
  type AddressParts,
  createMediaAddresses,
  isOpenExpiry,
  limitedExpiry,
  openExpiry,
} from './media-addresses.ts'

const now = Date.UTC(2026, 10, 23, 10, 20, 30)
const owner = { id: '42', sightEpoch: 3 }
const mediaId = idAt(now, 7, 1, 1)
const { large } = photoKeys(mediaId, 'abcdef')

function setUp() {
  const clock = createTestClock(now)
  return { clock, addresses: createMediaAddresses({ keys: [randomBytes(32)], clock }) }
}

function partsOf(address: string): AddressParts {
  const [, , expiry = '', account = '', epoch = '', signature = '', ...key] = address.split('/')
  return { expiry, account, epoch, signature, key: key.join('/') }
}

describe('media addresses', () => {
  it('have the form that edges know', () => {
    const { addresses } = setUp()
    const day = '2026/11/23'
    const address = addresses.sign(large, owner, 'open')
    assert.match(
      address,
      new RegExp(`^/m/\\d+/42/3/[\\w-]{22}/photos/${day}/large/${mediaId}_abcdef_1080\\.webp$`),
    )
  })

  it('stay the same until the period ends, so that caches work', async () => {
    const { addresses, clock } = setUp()
    const before = [addresses.sign(large, owner, 'open'), addresses.sign(large, owner, 'limited')]
    await clock.advance(30 * 60_000)
    assert.deepEqual([addresses.sign(large, owner, 'open'), addresses.sign(large, owner, 'limited')], before)
  })

  it('end with the next month, or with the next hour', async () => {
    assert.equal(openExpiry(now) * 1000, Date.UTC(2027, 0, 1))
    assert.equal(limitedExpiry(now) * 1000, Date.UTC(2026, 10, 23, 11, 59, 59))
    for (let minute = 0; minute < 60 * 24 * 40; minute += 17) {
      const at = now + minute * 60_000
      assert.equal(isOpenExpiry(String(openExpiry(at))), true)
      assert.equal(isOpenExpiry(String(limitedExpiry(at))), false)
      assert.ok(limitedExpiry(at) * 1000 - at >= 3_599_000)
    }
    const { addresses, clock } = setUp()
    const parts = partsOf(addresses.sign(large, owner, 'limited'))
    assert.equal(addresses.verify(parts), 'valid')
    await clock.advance(2 * 3_600_000)
    assert.equal(addresses.verify(parts), 'expired')
  })

  it('are not accepted with anything changed, nor signed with another key', () => {
    const { addresses } = setUp()
    const good = partsOf(addresses.sign(large, owner, 'limited'))
    const changed: Partial<AddressParts>[] = [
      { expiry: String(Number(good.expiry) + 3600) },
      { expiry: `0${good.expiry}` },
      { expiry: 'x' },
      { account: '43' },
      { epoch: '4' },
      { signature: good.signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) },
      { signature: '' },
      { signature: `${good.signature}==` },
      { key: good.key.replace('/large/', '/medium/') },
      { key: `masters/${good.key}` },
      // Another medium of the same day and size, or another rendering of this one.
      { key: good.key.replace(mediaId, idAt(now, 7, 1, 2)) },
      { key: good.key.replace('abcdef', 'abcdee') },
      { key: good.key.replace('_abcdef', '') },
    ]
    for (const change of changed)
      assert.equal(addresses.verify({ ...good, ...change }), 'forged', JSON.stringify(change))
    assert.equal(setUp().addresses.verify(good), 'forged')
  })

  it('signed before a change of the keys open as long as the key of before is believed', () => {
    const [before, now] = [randomBytes(32), randomBytes(32)]
    const by = (...keys: [Buffer, ...Buffer[]]) =>
      createMediaAddresses({ keys, clock: createTestClock(Date.UTC(2026, 10, 23)) })
    const old = partsOf(by(before).sign(large, owner, 'open'))
    assert.equal(by(now, before).verify(old), 'valid')
    assert.equal(by(now).verify(old), 'forged')
    assert.equal(by(now).verify(partsOf(by(now, before).sign(large, owner, 'open'))), 'valid')
  })

  it('lead to every avatar size from the one name that accounts keep', () => {
    const { addresses } = setUp()
    const avatar = addresses.avatar(owner, `${mediaId}_abcdef`)
    assert.match(avatar!.medium, new RegExp(`/avatars/2026/11/23/150/${mediaId}_abcdef_150\\.webp$`))
    assert.equal(mediaIdOfKey(avatar!.small), mediaId)
  })
})

describe('keys', () => {
  it('of masters are never taken for a medium', () => {
    const key = masterKey(mediaId)
    assert.equal(mediaIdOfKey(key), undefined)
    assert.equal(uploadIdOfMasterKey(key), mediaId)
    assert.equal(uploadIdOfMasterKey(large), undefined)
    assert.equal(mediaIdOfKey(large), mediaId)
  })
})
