import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Story, StoryRing } from '@heliograph/contract/stories'
import { moved, newOverlay } from './overlay-edits.ts'
import {
  firstUnseen,
  isOutdated,
  livingOf,
  livingRings,
  ringOf,
  standsMs,
  turnedThrough,
} from './stories-rules.ts'

const story = (seen: boolean, more: Partial<Story> = {}) =>
  ({ seen, audience: 'followers', overlays: [], expiresAt: '2026-01-02T00:00:00.000Z', ...more }) as Story
const ring = (username: string, unseen: boolean, count = 1) =>
  ({ user: { id: username, username }, unseen, count, closeFriends: false }) as StoryRing

test('a Story that was kept on the device is gone at the very moment it ends', () => {
  const end = Date.parse('2026-01-02T00:00:00.000Z')
  assert.equal(livingOf([story(false)], end - 1).length, 1)
  assert.equal(livingOf([story(false)], end).length, 0)
})

test('whose last Story has ended has no ring any more, though nobody told', () => {
  const latestAt = '2026-01-01T00:00:00.000Z'
  const rings = [{ ...ring('ana', true), latestAt }]
  const end = Date.parse(latestAt) + 24 * 3_600_000
  assert.equal(livingRings(rings, end - 1).length, 1)
  assert.equal(livingRings(rings, end).length, 0)
})

test('whose unseen Story has ended has nothing new any more, and fewer', () => {
  const endsAt = '2026-01-02T00:00:00.000Z'
  const before = { ...ring('ana', true, 2), endsAt }
  assert.equal(isOutdated(before, Date.parse(endsAt) - 1), false)
  assert.equal(isOutdated(before, Date.parse(endsAt)), true)
  const left = story(true, { expiresAt: '2026-01-02T07:00:00.000Z' })
  const now = ringOf([left], before)
  assert.deepEqual([now.unseen, now.count, now.endsAt], [false, 1, left.expiresAt])
})

test('a ring is green as long as something unseen is for close friends', () => {
  const before = { closeFriends: true, count: 2, endsAt: '2026-01-01T00:00:00.000Z' }
  const close = { audience: 'close_friends' as const }
  assert.deepEqual(ringOf([story(true, close), story(false)], before), {
    unseen: true,
    closeFriends: false,
    count: 2,
    endsAt: '2026-01-02T00:00:00.000Z',
  })
  assert.equal(ringOf([story(true), story(false, close)], before).closeFriends, true)
  assert.equal(ringOf([story(true), story(true)], before).unseen, false)
})

test('a look begins at the first that was not seen, and at the first when all were', () => {
  assert.equal(firstUnseen([story(true), story(false), story(false)]), 1)
  assert.equal(firstUnseen([story(true), story(true)]), 0)
})

test('whoever opens something new is not led through what they have seen', () => {
  const rings = [
    ring('me', false),
    ring('ana', true),
    ring('ben', true),
    ring('cleo', false),
    ring('dan', true, 0),
  ]
  assert.deepEqual(turnedThrough(rings, 'ana', 'me'), ['ana', 'ben'])
  assert.deepEqual(turnedThrough(rings, 'cleo', 'me'), ['cleo'])
  assert.deepEqual(turnedThrough(rings, 'me', 'me'), ['me'])
  assert.deepEqual(turnedThrough(rings, 'stranger', 'me'), ['stranger'])
})

test('many words stand longer, but never for ever', () => {
  const wordy = (count: number) =>
    story(false, { overlays: [{ kind: 'text', text: 'word '.repeat(count) }] as Story['overlays'] })
  assert.equal(standsMs(story(false)), 5000)
  assert.equal(standsMs(wordy(30)), 7000)
  assert.equal(standsMs(wordy(1000)), 12_000)
})

test('an overlay cannot be moved out of the frame, nor be turned or sized beyond what the server takes', () => {
  const { overlay } = newOverlay({ kind: 'text', text: 'Hello', x: 0.5, y: 0.5 })
  const far = moved(overlay, { x: 7, y: -3, scale: 100, rotation: 540 })
  assert.deepEqual([far.x, far.y, far.scale, Math.abs(far.rotation)], [0.98, 0.02, 4, 180])
  assert.equal(moved(overlay, { rotation: 362 }).rotation, 0)
})

test('words are not pushed out of the frame as long as they fit into it', () => {
  const { overlay } = newOverlay({ kind: 'text', text: 'Hello', x: 0.5, y: 0.5 })
  const reach = { x: 0.3, y: 0.6 }
  const pushed = moved(overlay, { x: -1, y: 2 }, reach)
  assert.deepEqual([pushed.x, pushed.y], [0.3, 0.98], 'what is taller than the frame keeps its middle in it')
  const grown = moved(pushed, { scale: 1.5 }, reach)
  assert.deepEqual([grown.x, grown.scale], [0.45, 1.5], 'what grows at the edge moves inwards')
})
