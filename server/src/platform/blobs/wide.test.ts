import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { mapWide, storeWidth } from './wide.ts'

const numbers = Array.from({ length: 100 }, (_, index) => index)

test('the pieces of a film never go one after another, nor all at once, and keep their order', async () => {
  let underWay = 0
  let most = 0
  const done = await mapWide(numbers, async (number) => {
    most = Math.max(most, ++underWay)
    for (let turns = number % 5; turns >= 0; turns--) await turn()
    underWay--
    return number * 2
  })
  assert.equal(most, storeWidth)
  assert.deepEqual(
    done,
    numbers.map((number) => number * 2),
  )
  assert.deepEqual(await mapWide([], async () => 1), [])
})

test('a failure never leaves something under way behind, and begins nothing more', async () => {
  let underWay = 0
  let begun = 0
  const failing = mapWide(numbers, async (number) => {
    begun++
    underWay++
    if (number !== 3) for (let turns = 0; turns < 10; turns++) await turn()
    underWay--
    if (number === 3) throw new Error('the fourth')
  })
  await assert.rejects(failing, /the fourth/)
  assert.deepEqual([underWay, begun], [0, storeWidth])
})
