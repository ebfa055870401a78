import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { createPostLooks, type PostLooks } from './post-looks.ts'

let told: [string, number][]
let looks: PostLooks
let time = 0

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] })
  told = []
  looks = createPostLooks(
    (postId, dwellMs) => void told.push([postId, dwellMs]),
    () => time,
  )
})
afterEach(() => mock.timers.reset())

function pass(ms: number): void {
  time += ms
  mock.timers.tick(ms)
}

test('a post that is flicked past and then studied is told with all of it, once', () => {
  looks.begin('7')
  pass(350)
  looks.pause('7')
  pass(1500)
  looks.begin('7')
  pass(20_000)
  looks.pause('7')
  assert.deepEqual(told, [])
  pass(4000)
  assert.deepEqual(told, [['7', 20_350]])
  pass(60_000)
  looks.endAll()
  assert.equal(told.length, 1)
})

test('what is in sight when the page is left is told at once, and nothing of it twice', () => {
  looks.begin('7')
  looks.begin('8')
  pass(1000)
  looks.pause('8')
  looks.begin('7')
  pass(500)
  looks.endAll()
  assert.deepEqual(told, [
    ['7', 1500],
    ['8', 1000],
  ])
  pass(10_000)
  looks.pause('7')
  looks.endAll()
  assert.equal(told.length, 2)
})

test('what was scrolled past is not told, however often', () => {
  looks.begin('7')
  pass(100)
  looks.pause('7')
  pass(5000)
  looks.begin('7')
  pass(250)
  looks.pause('7')
  pass(5000)
  assert.deepEqual(told, [])
})
