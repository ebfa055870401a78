import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createKept, type Kept } from './kept.ts'

/** A table whose every query waits until the test lets it go; its answer is what stood there when it was asked. */
function createTable() {
  const rows = new Map<string, { version: number }>()
  const waiting: (() => void)[] = []
  return {
    rows,
    queries: 0,
    write(key: string, version: number) {
      rows.set(key, { version })
    },
    answerOldest: () => waiting.shift()?.(),
    get waiting() {
      return waiting.length
    },
    async load(keys: readonly string[]) {
      this.queries++
      const snapshot = new Map(keys.flatMap((key) => (rows.has(key) ? [[key, rows.get(key)!]] : [])))
      await new Promise<void>((resolve) => waiting.push(resolve))
      return snapshot as Map<string, { version: number }>
    },
  }
}

function createWorld({ isCurrent = (): boolean => true, max = 100 } = {}) {
  const table = createTable()
  const kept: Kept<string, { version: number }> = createKept(
    { name: 'test', max, load: (keys) => table.load(keys), groupOf: (key) => key[0]! },
    isCurrent,
  )
  return { table, kept }
}

async function drain(table: ReturnType<typeof createTable>, work: Promise<unknown>): Promise<void> {
  let isDone = false
  void work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    table.answerOldest()
    await new Promise(setImmediate)
  }
}

test('what an event outdated is never kept, however loads and events meet', async () => {
  const keys = ['a', 'b', 'c'] as const
  const step = fc.oneof(
    fc.record({
      do: fc.constant('read' as const),
      keys: fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1 }),
    }),
    fc.record({ do: fc.constant('change' as const), key: fc.constantFrom(...keys) }),
    fc.record({ do: fc.constant('event' as const) }),
    fc.record({ do: fc.constant('answer' as const) }),
    fc.record({ do: fc.constant('current' as const), to: fc.boolean() }),
    fc.record({ do: fc.constant('breathe' as const) }),
  )
  const runs = process.env.HELIOGRAPH_TEST_LONG === '1' ? 5000 : 400
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
      let current = true
      const { table, kept } = createWorld({ isCurrent: () => current })
      for (const key of keys) table.write(key, 0)
      /** Committed but not heard of yet: until then an older value may be given, never after. */
      const unheard: { key: string; version: number }[] = []
      const heard = new Map<string, number>(keys.map((key) => [key, 0]))
      const reads: Promise<void>[] = []
      let version = 0
      /** What was read last, and as of which version of all. */
      const remembered = new Map<string, { as: number; value: { version: number } }>()

      const hear = () => {
        const event = unheard.shift()
        if (!event) return
        heard.set(event.key, event.version)
        kept.drop(event.key)
      }
      const check = (key: string, value: { version: number } | undefined, atLeast: number) =>
        assert.ok(value && value.version >= atLeast, `${key}: ${value?.version} < ${atLeast}`)

      for (const one of steps) {
        if (one.do === 'read') {
          // Not current: the answer must show what was committed, heard of or not.
          const least = new Map(
            one.keys.map((key) => [key, current ? heard.get(key)! : table.rows.get(key)!.version]),
          )
          const reading = kept.getMany(one.keys).then((found) => {
            for (const key of one.keys) check(key, found.get(key), least.get(key)!)
          })
          reads.push(reading)
        }
        if (one.do === 'change') {
          table.write(one.key, ++version)
          unheard.push({ key: one.key, version })
        }
        if (one.do === 'event') hear()
        if (one.do === 'answer') table.answerOldest()
        // Current again means: everything has been heard of.
        if (one.do === 'current') {
          if (one.to) while (unheard.length > 0) hear()
          current = one.to
        }
        if (one.do === 'breathe') await new Promise(setImmediate)
        for (const key of keys) {
          const value = kept.peek(key)
          if (value) check(key, value, heard.get(key)!)
          if (value) assert.ok(current)
          const as = kept.peekVersion()
          assert.equal(as !== undefined, current)
          const known = remembered.get(key)
          const isDropped = known && kept.droppedSince(known.as)?.includes(key)
          if (known && (known.as === as || isDropped === false)) check(key, known.value, heard.get(key)!)
          if (value) remembered.set(key, { as: as!, value })
        }
      }
      await drain(table, Promise.all(reads))
      while (unheard.length > 0) hear()
      current = true
      for (const key of keys) {
        const value = kept.peek(key)
        if (value) assert.equal(value.version, table.rows.get(key)!.version)
      }
    }),
    { numRuns: runs },
  )
})

test('a row that is changed while it is loaded is loaded again, also for who joined', async () => {
  const { table, kept } = createWorld()
  table.write('a', 1)
  const [first, second] = [kept.get('a'), kept.get('a')]
  assert.equal(table.queries, 1)
  table.write('a', 2)
  kept.drop('a')
  await drain(table, Promise.all([first, second]))
  assert.deepEqual([(await first)?.version, (await second)?.version], [2, 2])
  assert.equal(kept.peek('a')?.version, 2)
  assert.equal(table.queries, 2)
})

test('one that changes without end is still answered, and not kept', async () => {
  const { table, kept } = createWorld()
  table.write('a', 1)
  const read = kept.get('a')
  let isDone = false
  void read.then(() => {
    isDone = true
  })
  for (let version = 2; !isDone; version++) {
    table.write('a', version)
    kept.drop('a')
    table.answerOldest()
    await new Promise(setImmediate)
  }
  assert.ok((await read)!.version >= 2)
})

test('a group goes as a whole, with what is being loaded of it', async () => {
  const { table, kept } = createWorld()
  for (const key of ['a1', 'a2', 'b1']) table.write(key, 1)
  await drain(table, kept.getMany(['a1', 'b1']))
  const loading = kept.get('a2')
  table.write('a2', 2)
  kept.dropGroup('a')
  assert.equal(kept.peek('a1'), undefined)
  assert.equal(kept.peek('b1')?.version, 1)
  await drain(table, loading)
  assert.equal((await loading)?.version, 2)
  kept.dropGroup('a')
  assert.equal(kept.peek('a2'), undefined)
})

test('a load that fails fails for who waits, and is tried anew by the next', async () => {
  let fails = true
  const kept = createKept<string, { version: number }>(
    {
      name: 'test',
      max: 10,
      load: async (keys) => {
        if (fails) throw new Error('away')
        return new Map(keys.map((key) => [key, { version: 1 }]))
      },
    },
    () => true,
  )
  const both = await Promise.allSettled([kept.get('a'), kept.getMany(['a', 'b'])])
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  fails = false
  assert.equal((await kept.get('a'))?.version, 1)
  assert.equal(kept.peek('a')?.version, 1)
})

test('memory is bounded by what the rows weigh', async () => {
  const kept = createKept<string, { ids: number }>(
    {
      name: 'test',
      max: 100,
      weigh: ({ ids }) => ids,
      groupOf: (key) => key,
      load: async (keys) => new Map(keys.map((key) => [key, { ids: Number(key) }])),
    },
    () => true,
  )
  await kept.getMany(['60', '39'])
  assert.ok(kept.peekMany(['60', '39']))
  await kept.get('50')
  assert.equal(kept.peek('60'), undefined)
  await kept.get('101')
  assert.equal(kept.peek('101'), undefined)
  assert.deepEqual([...(await kept.getMany(['101']))], [['101', { ids: 101 }]])
})

test('which keys were dropped since a version is known, or known to be unknown', () => {
  const { kept } = createWorld()
  const before = kept.peekVersion()!
  assert.deepEqual(kept.droppedSince(before), [])
  for (const key of ['a', 'b', 'a']) kept.drop(key)
  assert.deepEqual(kept.droppedSince(before), ['a', 'b', 'a'])
  assert.deepEqual(kept.droppedSince(kept.peekVersion()! - 1), ['a'])
  for (let n = 0; n < 3000; n++) kept.drop('c')
  assert.equal(kept.droppedSince(before), undefined)
  const late = kept.peekVersion()!
  kept.clear()
  assert.equal(kept.droppedSince(late), undefined, 'all of them')
  assert.deepEqual(kept.droppedSince(kept.peekVersion()!), [])
})
