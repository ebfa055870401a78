import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceName } from './device-name.ts'

test('a device is named as people know it, not by what its browser pretends to be', () => {
  const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
  assert.equal(
    deviceName(`Mozilla/5.0 (Linux; Android 15; Pixel 9) ${webkit} Chrome/153.0.0.0 Mobile Safari/537.36`),
    'Chrome, Android',
  )
  assert.equal(
    deviceName(
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/153.0.0.0 Safari/537.36 Edg/153.0`,
    ),
    'Edge, Windows',
  )
  assert.equal(
    deviceName(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1',
    ),
    'Safari, iPhone',
  )
  assert.equal(deviceName('curl/8.5.0'), undefined)
})
