import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CursorScope, createCursors, cursorLifeMs } from './cursors.ts'
import { isFault } from './fault.ts'

const scope: CursorScope = {
  route: 'GET /api/feed',
  params: { username: 'ada' },
  filters: { mode: 'ranked', tag: undefined },
  viewerId: '42',
}
const positions = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 })

test('what was sealed is opened, whatever text it holds', () => {
  const cursors = createCursors([randomBytes(32)])
  fc.assert(
    fc.property(positions, (position) => {
      assert.deepEqual(cursors.open(scope, cursors.seal(scope, position)), position)
    }),
  )
})

test('a cursor with any character changed, added or taken away is refused', () => {
  const cursors = createCursors([randomBytes(32)])
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= .']
  fc.assert(
    fc.property(
      positions,
      fc.nat(),
      fc.constantFrom(...alphabet),
      fc.constantFrom('change', 'add', 'remove'),
      (position, where, letter, how) => {
        const cursor = cursors.seal(scope, position)
        const at = where % cursor.length
        const rest = cursor.slice(how === 'add' ? at : at + 1)
        const other = cursor.slice(0, at) + (how === 'remove' ? '' : letter) + rest
        fc.pre(other !== cursor)
        assert.throws(
          () => cursors.open(scope, other),
          (error) => isFault(error, 'cursor.invalid'),
        )
      },
    ),
    { numRuns: 1000 },
  )
})

test('text that never was a cursor is refused', () => {
  const cursors = createCursors([randomBytes(32)])
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.throws(
        () => cursors.open(scope, text),
        (error) => isFault(error, 'cursor.invalid'),
      )
    }),
  )
})

const elsewhere: Record<string, Partial<CursorScope>> = {
  route: { route: 'GET /api/me/saved' },
  person: { params: { username: 'bob' } },
  filter: { filters: { mode: 'chronological' } },
  viewer: { viewerId: '43' },
  'nobody signed in': { viewerId: null },
}

for (const [name, change] of Object.entries(elsewhere))
  test(`a cursor of another ${name} opens nothing`, () => {
    const cursors = createCursors([randomBytes(32)])
    const cursor = cursors.seal({ ...scope, ...change }, ['1'])
    assert.throws(
      () => cursors.open(scope, cursor),
      (error) => isFault(error, 'cursor.invalid'),
    )
  })

test('another server’s cursor is refused', () => {
  const cursor = createCursors([randomBytes(32)]).seal(scope, ['1'])
  assert.throws(
    () => createCursors([randomBytes(32)]).open(scope, cursor),
    (error) => isFault(error, 'cursor.invalid'),
  )
})

test('a list that is being read goes on over a change of the keys', () => {
  const [before, now] = [randomBytes(32), randomBytes(32)]
  const cursor = createCursors([before]).seal(scope, ['1'])
  assert.deepEqual(createCursors([now, before]).open(scope, cursor), ['1'])
  assert.throws(
    () => createCursors([now]).open(scope, cursor),
    (error) => isFault(error, 'cursor.invalid'),
  )
})

test('a cursor is good for a day and no longer', () => {
  let now = 1_800_000_000_000
  const cursors = createCursors([randomBytes(32)], () => now)
  const cursor = cursors.seal(scope, ['1'])
  now += cursorLifeMs
  assert.deepEqual(cursors.open(scope, cursor), ['1'])
  now += 1
  assert.throws(
    () => cursors.open(scope, cursor),
    (error) => isFault(error, 'cursor.expired'),
  )
})

test('the order in which parameters are written makes no other list', () => {
  const cursors = createCursors([randomBytes(32)])
  const cursor = cursors.seal({ ...scope, filters: { a: '1', b: '2' } }, ['1'])
  assert.deepEqual(cursors.open({ ...scope, filters: { b: '2', a: '1' } }, cursor), ['1'])
})
