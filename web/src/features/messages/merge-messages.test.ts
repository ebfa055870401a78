import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeMessages } from './merge-messages.ts'

const one = (id: string, sequence: number, version = sequence, text = id) => ({ id, sequence, version, text })
const shown = (list: readonly { text: string }[]) => list.map(({ text }) => text).join(' ')

test('an answer that comes late does not undo a change, and nothing is there twice', () => {
  const now = mergeMessages([one('a', 1), one('b', 2, 5, 'edited')], [one('b', 2), one('c', 3), one('a', 1)])
  assert.equal(shown(now), 'a edited c')
})

test('what lay between stands between, whenever it comes', () => {
  assert.equal(shown(mergeMessages([one('a', 1), one('d', 4)], [one('c', 3), one('b', 2)])), 'a b c d')
})
