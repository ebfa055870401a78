import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type FilledPage, fillPage } from './fill-page.ts'

const listOf = (size: number) => Array.from({ length: size }, (_, index) => index)

function reader(list: number[]) {
  return async (after: number | null, limit: number) =>
    list.filter((item) => after === null || item > after).slice(0, limit)
}

test('paging through a filtered list gives everything that may be seen, once, in full pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(60)),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(60),
      async (visible, limit, size) => {
        const list = listOf(size)
        const seen: number[] = []
        let position: number | null = null
        for (let pages = 0; ; pages++) {
          assert.ok(pages <= size + 1, 'paging does not end')
          const page: FilledPage<number> = await fillPage<number>(
            limit,
            position,
            reader(list),
            async (items) => items.filter((item) => visible.includes(item)),
          )
          seen.push(...page.items)
          if (page.last === null) break
          if (limit * 10 > size) assert.equal(page.items.length, limit)
          position = page.last
        }
        assert.deepEqual(
          seen,
          list.filter((item) => visible.includes(item)),
        )
      },
    ),
  )
})

test('a list of which nothing may be seen is not read to its end in one request', async () => {
  let reads = 0
  const read = reader(listOf(10_000))
  const page = await fillPage<number>(
    20,
    null,
    (after, limit) => {
      reads++
      return read(after, limit)
    },
    async () => [],
  )
  assert.equal(reads, 10)
  assert.deepEqual(page, { items: [], last: 199 })
})
