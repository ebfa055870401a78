import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayText, rowsOf } from './thread-rows.ts'

interface Said {
  key: string
  senderId: string | null
  at: string
}
const said = (key: string, senderId: string | null, at: string): Said => ({ key, senderId, at })
const utcDay = (iso: string) => iso.slice(0, 10)
const shown = (items: Said[]) =>
  rowsOf(items, (item) => item, utcDay).map((row) =>
    row.kind === 'day' ? `— ${utcDay(row.at)}` : `${row.first ? '(' : ' '}${row.key}${row.last ? ')' : ''}`,
  )

test('a day stands once above what was said on it, and nobody speaks in the group of another', () => {
  assert.deepEqual(
    shown([
      said('a', '1', '2026-11-25T20:00:00.000Z'),
      said('b', '1', '2026-11-25T20:01:00.000Z'),
      said('c', '2', '2026-11-25T20:02:00.000Z'),
      said('d', '2', '2026-11-25T20:30:00.000Z'),
      said('e', '2', '2026-11-26T08:00:00.000Z'),
    ]),
    ['— 2026-11-25', '(a', ' b)', '(c)', '(d)', '— 2026-11-26', '(e)'],
  )
})

test('what nobody said is never one group with what follows', () => {
  assert.deepEqual(
    shown([said('a', null, '2026-11-25T20:00:00.000Z'), said('b', null, '2026-11-25T20:00:01.000Z')]),
    ['— 2026-11-25', '(a)', '(b)'],
  )
})

test('days are named as people name them', () => {
  const now = new Date(2026, 10, 26, 9).getTime()
  const at = (day: number, hour = 23) => new Date(2026, 10, day, hour).toISOString()
  assert.equal(dayText(at(26, 1), now, 'en'), 'Today')
  assert.equal(dayText(at(25), now, 'en'), 'Yesterday')
  assert.equal(dayText(at(25), now, 'de'), 'Gestern')
  assert.equal(dayText(at(23), now, 'en'), 'Monday')
  assert.match(dayText(at(2), now, 'en'), /2 November|November 2/)
})
