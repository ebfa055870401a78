import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseFollowees, rankCandidates } from './suggestions-ranking.ts'

const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => String(from + i))

test('never more followees are looked at than may be, and everybody’s turn comes', () => {
  const own = { following: new Set(ids(1, 1000)), favourites: new Set(['900', '950']) }
  const seen = new Set<string>()
  for (let day = 20_000; day < 20_040; day++) {
    const chosen = chooseFollowees(own, 100, day)
    assert.equal(new Set(chosen).size, 100)
    assert.deepEqual(chosen.slice(0, 4), ['900', '950', '1', '2'])
    for (const id of chosen) seen.add(id)
  }
  assert.equal(seen.size, 1000)
  assert.deepEqual(chooseFollowees({ following: new Set(['1', '2']), favourites: new Set(['2']) }, 100, 1), [
    '2',
    '1',
  ])
})

test('never more candidates are asked about than may be, those of most followees first', () => {
  const follows = new Map([
    ['1', ['10', '11', '12']],
    ['2', ['11', '12', '13']],
    ['3', ['12', '99']],
  ])
  assert.deepEqual(
    rankCandidates(follows, (id) => id === '99', 2),
    [
      { id: '12', followedBy: ['1', '2', '3'] },
      { id: '11', followedBy: ['1', '2'] },
    ],
  )
})
