import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fault } from '#platform/http/fault.ts'
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts'

interface Write {
  group: number
  part: string
  key: string
}

type Options = Partial<GroupCommitOptions<Write, string>>

/** Commits that are ended by the test, one after the other. */
function createCommits(options: Options = {}) {
  const batches: string[][] = []
  const ends: (() => void)[] = []
  const commits = createGroupCommit<Write, string>({
    groupOf: (write) => write.group,
    partOf: (write) => write.part,
    keyOf: (write) => write.key,
    async commit(writes) {
      batches.push(writes.map(({ key }) => key))
      await new Promise<void>((resolve) => ends.push(resolve))
      return writes.map(({ key }) => ({ value: key }))
    },
    ...options,
  })
  const endOne = async () => {
    while (ends.length === 0) await setImmediate()
    ends.shift()!()
    await setImmediate()
    await setImmediate()
  }
  return { commits, batches, endOne }
}

const write = (key: string, part = key, group = 1): Write => ({ group, part, key })

test('what comes while a group is being committed goes together with the next commit', async () => {
  const { commits, batches, endOne } = createCommits()
  const first = commits.submit(write('a'))
  await setImmediate()
  await setImmediate()
  const others = ['b', 'c', 'd'].map((key) => commits.submit(write(key)))
  await endOne()
  assert.equal(await first, 'a')
  await endOne()
  assert.deepEqual(await Promise.all(others), ['b', 'c', 'd'])
  assert.deepEqual(batches, [['a'], ['b', 'c', 'd']])
})

test('writes that must follow each other are never in one commit, and keep their order', async () => {
  const { commits, batches, endOne } = createCommits()
  const all = ['a', 'a', 'b', 'a'].map((key) => commits.submit(write(key)))
  for (let n = 0; n < 3; n++) await endOne()
  await Promise.all(all)
  assert.deepEqual(batches, [['a', 'b'], ['a'], ['a']])
})

test('what many want leaves the others of its group their share', async () => {
  const { commits, batches, endOne } = createCommits({ batchMax: 4 })
  const hot = Array.from({ length: 10 }, (_, n) => commits.submit(write(`hot${n}`, 'hot')))
  const quiet = [commits.submit(write('x', 'x')), commits.submit(write('y', 'y'))]
  await endOne()
  await Promise.all(quiet)
  assert.equal(batches[0]!.length, 4)
  for (let n = 0; n < 2; n++) await endOne()
  await Promise.all(hot)
  assert.deepEqual(
    batches.flat().filter((key) => key.startsWith('hot')),
    Array.from({ length: 10 }, (_, n) => `hot${n}`),
  )
})

test('groups do not wait for each other', async () => {
  const { commits, batches, endOne } = createCommits()
  const both = [commits.submit(write('a', 'a', 1)), commits.submit(write('b', 'b', 2))]
  await setImmediate()
  await setImmediate()
  assert.deepEqual(batches, [['a'], ['b']])
  await endOne()
  await endOne()
  await Promise.all(both)
})

test('one that cannot be committed takes nobody along', async () => {
  const { commits } = createCommits({
    async commit(writes) {
      if (writes.some(({ key }) => key === 'bad')) throw new Error('bad')
      return writes.map(({ key }) => (key === 'none' ? { error: fault('post.not_found') } : { value: key }))
    },
  })
  const outcomes = await Promise.allSettled(
    ['a', 'bad', 'none', 'b'].map((key) => commits.submit(write(key))),
  )
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
    ['a', 'bad', fault('post.not_found').message, 'b'],
  )
})

test('a database that is away is asked once, not once for each', async () => {
  let asked = 0
  const { commits } = createCommits({
    async commit() {
      asked++
      throw fault('server.unavailable')
    },
  })
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((key) => commits.submit(write(key))))
  assert.ok(outcomes.every(({ status }) => status === 'rejected'))
  assert.equal(asked, 1)
})

test('more than may wait are turned away, and none of those that were taken', async () => {
  const { commits, endOne } = createCommits({ waitingMax: 2 })
  const taken = [commits.submit(write('a')), commits.submit(write('b'))]
  await assert.rejects(commits.submit(write('c')), { code: 'server.overloaded' })
  await endOne()
  assert.deepEqual(await Promise.all(taken), ['a', 'b'])
  const later = commits.submit(write('d'))
  await endOne()
  assert.equal(await later, 'd')
})
