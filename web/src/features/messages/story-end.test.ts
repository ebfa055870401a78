import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { Message } from '@heliograph/contract/messages'
import { online } from '../../lib/online.ts'
import { isOver, noteTold, storiesIn } from './story-end.ts'

const end = Date.parse('2026-01-02T00:00:00.000Z')
const toldOf = (at: number) => {
  mock.timers.setTime(at)
  const story = { expiresAt: new Date(end).toISOString() }
  noteTold(storiesIn([{ attachments: [{ type: 'story', isReply: false, story }] }] as unknown as Message[]))
  return story
}

test('a Story in an open conversation is gone at the very moment it ends, unless it is told of afterwards', () => {
  mock.timers.enable({ apis: ['Date'], now: 0 })
  const early = toldOf(end - 3_600_000)
  assert.equal(isOver(early, end - 1), false)
  assert.equal(isOver(early, end), true)
  assert.equal(isOver(toldOf(end + 500), end + 500), true, 'the second is not known so well')
  assert.equal(isOver(toldOf(end + 2000), end + 2000), false, 'one that is kept in a highlight')
  online.value = false
  assert.equal(isOver(toldOf(end + 2000), end + 2000), true, 'what was kept on this device')
  online.value = true
})
