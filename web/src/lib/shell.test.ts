import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildAddress } from '@heliograph/contract/call'
import { parseEvent, reconnectDelay } from './live.ts'
import { carouselRatio, shownRatio } from './ratio.ts'
import { matchRoute } from './routes.ts'
import { compactCount, timeAgo } from './time.ts'

test('names are put into addresses so that they cannot lead elsewhere', () => {
  assert.equal(buildAddress('/api/tags/:tag/posts', { tag: 'ä/b?c' }), '/api/tags/%C3%A4%2Fb%3Fc/posts')
  assert.equal(buildAddress('/api/feed', {}, { cursor: undefined, limit: 5 }), '/api/feed?limit=5')
  assert.throws(() => buildAddress('/api/posts/:id', {}), /needs id/)
})

test('literal routes win over parameters, and broken escapes match nothing', () => {
  const routes = [{ pattern: '/' }, { pattern: '/saved' }, { pattern: '/:username' }, { pattern: '/p/:id' }]
  assert.equal(matchRoute(routes, '/')?.route.pattern, '/')
  assert.equal(matchRoute(routes, '/saved/')?.route.pattern, '/saved')
  assert.deepEqual(matchRoute(routes, '/%C3%A4da')?.params, { username: 'äda' })
  assert.deepEqual(matchRoute(routes, '/p/12')?.params, { id: '12' })
  assert.equal(matchRoute(routes, '/%ff'), undefined)
  assert.equal(matchRoute(routes, '/p/1/2'), undefined)
})

test('boxes stay between 4:5 and 1.91:1, and are square before the size is known', () => {
  assert.equal(shownRatio({ width: 100, height: 1000 }), 0.8)
  assert.equal(shownRatio({ width: 1000, height: 100 }), 1.91)
  assert.equal(shownRatio({ width: 300, height: 200 }), 1.5)
  assert.equal(shownRatio({ width: 0, height: 0 }), 1)
  assert.equal(carouselRatio([]), 1)
})

test('reconnecting waits longer each time, never for ever, and not all clients at once', () => {
  assert.ok(reconnectDelay(0, 0) < reconnectDelay(3, 0))
  assert.equal(reconnectDelay(40, 1), 30_000)
  assert.notEqual(reconnectDelay(4, 0.1), reconnectDelay(4, 0.9))
})

test('what is no event is dropped', () => {
  assert.equal(parseEvent('nonsense'), undefined)
  assert.equal(parseEvent('null'), undefined)
  assert.equal(parseEvent('{"no":"type"}'), undefined)
  assert.deepEqual(parseEvent('{"type":"hello"}'), { type: 'hello' })
})

test('times are told in the words of the language', () => {
  const now = Date.parse('2026-06-15T12:00:00.000Z')
  assert.equal(timeAgo('2026-06-15T11:59:40.000Z', now, 'en'), undefined)
  assert.equal(timeAgo('2026-06-15T09:00:00.000Z', now, 'en'), '3h ago')
  assert.match(timeAgo('2026-06-13T09:00:00.000Z', now, 'de') ?? '', /2 T/)
  assert.equal(timeAgo('2026-06-15T11:40:00.000Z', now, 'de-DE'), 'vor 20 Min.')
  assert.match(timeAgo('2025-01-02T12:00:00.000Z', now, 'en') ?? '', /2025/)
  assert.equal(timeAgo('2026-06-15T12:05:00.000Z', now, 'en'), undefined)
})

test('large counts fit a phone', () => {
  assert.equal(compactCount(9999, 'en'), '9,999')
  assert.equal(compactCount(12_345, 'en'), '12.3K')
})
