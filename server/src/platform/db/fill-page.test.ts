import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type FilledPage, fillPage, type Skeleton } from './fill-page.ts'

/** Numbers in order; the position is the number itself. */
function listOf(rows: readonly number[]): Skeleton<number> {
  return {
    read: async (position, count) => {
      const from = position === null ? 0 : rows.findIndex((row) => row > Number(position[0]))
      return from < 0 ? [] : rows.slice(from, from + count)
    },
    positionOf: (row) => [String(row)],
  }
}

async function allPages(rows: number[], visible: (row: number) => boolean, limit: number) {
  const pages: number[][] = []
  let position: readonly string[] | null = null
  do {
    const page: FilledPage<number> = await fillPage(
      listOf(rows),
      async (found) => found.filter((row) => visible(row)),
      { position, limit },
    )
    pages.push(page.rows)
    position = page.nextPosition
  } while (position !== null)
  return pages
}

describe('filling pages', () => {
  test('every page but the last is full, and together they are what may be seen', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .uniqueArray(fc.nat(500), { maxLength: 120, size: 'max' })
          .map((rows) => rows.toSorted((a, b) => a - b)),
        fc.func(fc.boolean()),
        fc.integer({ min: 1, max: 50 }),
        async (rows, visible, limit) => {
          const pages = await allPages(rows, visible, limit)
          for (const page of pages.slice(0, -1)) assert.equal(page.length, limit)
          assert.ok(pages.length === 1 || pages.at(-1)!.length > 0, 'the last page is not an empty one')
          assert.deepEqual(
            pages.flat(),
            rows.filter((row) => visible(row)),
          )
        },
      ),
    )
  })

  test('a long stretch of what may not be seen ends the page, and loses nothing behind it', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => i)
    const visible = (row: number) => row < 3 || row >= 9_995
    let reads = 0
    const list = listOf(rows)
    const counting: Skeleton<number> = {
      positionOf: list.positionOf,
      read(position, count) {
        reads++
        return list.read(position, count)
      },
    }
    const first = await fillPage(counting, async (found) => found.filter((row) => visible(row)), {
      position: null,
      limit: 20,
    })
    assert.deepEqual(first.rows, [0, 1, 2])
    assert.ok(reads <= 10)
    assert.ok(first.nextPosition)
    assert.deepEqual(
      (await allPages(rows, visible, 20)).flat(),
      rows.filter((row) => visible(row)),
    )
  })
})
