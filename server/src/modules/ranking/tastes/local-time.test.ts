import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localHourAt, offsetAt } from './local-time.ts'

test('an hour is the one that the person’s clock shows, also on the days clocks are changed', () => {
  const berlin = (iso: string) => localHourAt('Europe/Berlin', Date.parse(iso))
  assert.equal(berlin('2026-03-29T00:59:59Z'), 1)
  assert.equal(berlin('2026-03-29T01:00:00Z'), 3, 'two o’clock does not exist')
  assert.equal(berlin('2026-10-25T00:59:59Z'), 2)
  assert.equal(berlin('2026-10-25T01:00:00Z'), 2, 'two o’clock comes twice')
  assert.equal(berlin('2026-10-25T02:00:00Z'), 3)
  assert.equal(localHourAt('Asia/Kathmandu', Date.parse('2026-11-26T18:14:59Z')), 23)
  assert.equal(localHourAt('Asia/Kathmandu', Date.parse('2026-11-26T18:15:00Z')), 0)
  assert.equal(localHourAt('Pacific/Kiritimati', Date.parse('2026-11-26T10:00:00Z')), 0)
  assert.equal(localHourAt('America/St_Johns', Date.parse('2026-11-26T03:29:00Z')), 23)
})

test('a zone that nobody knows is UTC', () => {
  assert.equal(offsetAt('Mars/Olympus', Date.parse('2026-07-01T00:00:00Z')), 0)
})
