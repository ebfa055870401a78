import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { run } from './ranking.ts'
import { allArms, arms } from './ranking-arms.ts'
import { createBehaviour } from './ranking-behaviour.ts'
import { drawPopulation } from './ranking-population.ts'
import { createTown, liveWeek } from './ranking-week.ts'

const size = { people: 20, follows: 8, daysBefore: 2, days: 3, postsPerDay: 2 }

describe('a simulated population', () => {
  const population = drawPopulation(size, 5)

  it('is the same for a seed, and another for another', () => {
    assert.deepEqual(drawPopulation(size, 5), population)
    assert.notDeepEqual(drawPopulation(size, 6).sessions, population.sessions)
  })

  it('lives in the days it is given, in order', () => {
    for (const { at } of population.sessions) assert.ok(at >= population.start && at < population.end)
    const times = population.posts.map(({ at }) => at)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
    assert.ok(times[0]! < population.start, 'there is something to see on the first day')
  })

  it('has wishes of one length, and friends who follow each other', () => {
    for (const { wishes } of population.people)
      assert.ok(Math.abs(Math.hypot(...Object.values(wishes)) - 1) < 1e-9)
    for (const [person, follows] of population.follows.entries())
      for (const { followed, affinity } of follows) {
        assert.notEqual(followed, person)
        if (affinity > 2.5) assert.ok(population.follows[followed]!.some((back) => back.followed === person))
      }
  })

  it('feels joy by what it wants: more for better, newer and closer', () => {
    const { joyAt, lasting } = createBehaviour(population)
    const post = population.posts[0]!
    const at = post.at + 1000
    const sum = (affinity: number, better: number, later: number) =>
      population.people.reduce((felt, _, viewer) => {
        const lasts = lasting(viewer, affinity, { ...post, quality: post.quality + better })
        return felt + joyAt(viewer, at + later)(lasts, post)
      }, 0)
    const usual = sum(0, 0, 0)
    assert.ok(sum(2, 0, 0) > usual)
    assert.ok(sum(0, 2, 0) > usual)
    assert.ok(sum(0, 0, 7 * 86_400_000) < usual)
  })

  it('reacts alike to the same post, whatever order it was shown in', () => {
    const [one, two] = [createBehaviour(population), createBehaviour(population)]
    for (const post of population.posts.slice(0, 50))
      assert.deepEqual(one.react(3, 0.5, post, 0.7), two.react(3, 0.5, post, 0.7))
  })

  it('lives the same week twice', () => {
    const town = createTown(population)
    assert.deepEqual(liveWeek(town, arms.ranked), liveWeek(town, arms.ranked))
    assert.notDeepEqual(liveWeek(town, arms.chronological), liveWeek(town, arms.random))
  })
})

it('measures every order and every part', async () => {
  const { tables, targets } = await run({ isQuick: true, log: () => {} })
  assert.equal(tables.length, 6)
  assert.equal(targets.length, 3)
  assert.equal(tables[0]!.rows.length + tables[2]!.rows.length, allArms.length)
  for (const { title, rows, columns } of tables)
    for (const row of rows) {
      assert.equal(row.length, columns.length, title)
      for (const cell of row.slice(1)) assert.ok(!String(cell).includes('NaN'), `${title}: ${cell}`)
    }
})
