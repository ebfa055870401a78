import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseRange } from './byte-range.ts'

it('reads the ranges that browsers and players ask for', () => {
  const cases: [string | undefined, ReturnType<typeof parseRange>][] = [
    [undefined, 'whole'],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['bytes=90-500', { start: 90, end: 99 }],
    ['Bytes=0-0', { start: 0, end: 0 }],
    ['bytes=-30', { start: 70, end: 99 }],
    ['bytes=-500', { start: 0, end: 99 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=5-2', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['pages=1-2', 'whole'],
  ]
  for (const [header, wanted] of cases) assert.deepEqual(parseRange(header, 100), wanted, header)
  assert.equal(parseRange('bytes=0-', 0), 'unsatisfiable')
})
