import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPaginator, forgetPaginators, keepPaginator, keptPaginator } from './paging.ts'

interface Row {
  id: string
}

const rows = (...ids: string[]): Row[] => ids.map((id) => ({ id }))
const keyOf = (row: Row) => row.id
const shown = (list: { items: { value: readonly Row[] } }) => list.items.value.map(keyOf).join(' ')

test('pages follow each other to the end, and asking on does nothing then', async () => {
  const asked: (string | undefined)[] = []
  const list = createPaginator(async (cursor) => {
    asked.push(cursor)
    return cursor === undefined
      ? { items: rows('a', 'b'), nextCursor: 'two' }
      : { items: rows('c'), nextCursor: null }
  }, keyOf)
  await list.more()
  assert.equal(list.status.value, 'idle')
  await list.more()
  await list.more()
  assert.equal(shown(list), 'a b c')
  assert.equal(list.status.value, 'done')
  assert.deepEqual(asked, [undefined, 'two'])
})

test('an item that moved to the next page does not appear twice', async () => {
  const list = createPaginator(
    async (cursor) =>
      cursor === undefined
        ? { items: rows('a', 'b'), nextCursor: 'two' }
        : { items: rows('b', 'c'), nextCursor: null },
    keyOf,
  )
  await list.more()
  await list.more()
  assert.equal(shown(list), 'a b c')
})

test('an empty page with a cursor is no end', async () => {
  const list = createPaginator(
    async (cursor) =>
      cursor === undefined ? { items: [], nextCursor: 'two' } : { items: rows('a'), nextCursor: null },
    keyOf,
  )
  await list.more()
  assert.equal(shown(list), 'a')
  assert.equal(list.status.value, 'done')
})

test('endless empty pages are given up for now, and can be asked on', async () => {
  let asked = 0
  const list = createPaginator(async () => ({ items: rows(), nextCursor: String(++asked) }), keyOf)
  await list.more()
  assert.equal(list.status.value, 'idle')
  assert.ok(asked < 20)
})

test('after an error what is shown stays, and the same page is asked again', async () => {
  let fails = true
  const list = createPaginator(async (cursor) => {
    if (cursor === undefined) return { items: rows('a'), nextCursor: 'two' }
    if (fails) throw new Error('gone')
    return { items: rows('b'), nextCursor: null }
  }, keyOf)
  await list.more()
  await list.more()
  assert.equal(list.status.value, 'error')
  assert.equal(shown(list), 'a')
  fails = false
  await list.more()
  assert.equal(shown(list), 'a b')
  assert.equal(list.problem.value, undefined)
})

test('an expired cursor starts the list again instead of failing', async () => {
  let expired = false
  const list = createPaginator(async (cursor) => {
    if (cursor === undefined) return { items: rows(expired ? 'z' : 'a'), nextCursor: 'two' }
    expired = true
    throw Object.assign(new Error('old'), { code: 'cursor.expired' })
  }, keyOf)
  await list.more()
  await list.more()
  assert.equal(shown(list), 'z')
  assert.equal(list.status.value, 'idle')
})

test('a page that arrives after a refresh is not mixed in', async () => {
  let release: (() => void) | undefined
  let first = true
  const list = createPaginator(async (cursor) => {
    if (cursor !== undefined) {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return { items: rows('late'), nextCursor: null }
    }
    const items = first ? rows('a') : rows('fresh')
    first = false
    return { items, nextCursor: 'two' }
  }, keyOf)
  await list.more()
  const late = list.more()
  await list.refresh()
  release?.()
  await late
  assert.equal(shown(list), 'fresh')
})

test('a refresh keeps what is shown until the new page is there', async () => {
  let release: (() => void) | undefined
  let asked = 0
  const list = createPaginator(async () => {
    if (++asked > 1) {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return { items: rows('b'), nextCursor: null }
    }
    return { items: rows('a'), nextCursor: null }
  }, keyOf)
  await list.more()
  const refreshed = list.refresh()
  assert.equal(shown(list), 'a')
  release?.()
  await refreshed
  assert.equal(shown(list), 'b')
})

test('freshening puts new things in front and does not lose the place', async () => {
  let newer = rows()
  const list = createPaginator(
    async (cursor) =>
      cursor === undefined
        ? { items: [...newer, ...rows('a')], nextCursor: 'two' }
        : { items: rows('b'), nextCursor: null },
    keyOf,
  )
  await list.more()
  await list.more()
  newer = rows('new')
  await list.freshen()
  assert.equal(shown(list), 'new a b')
  assert.equal(list.status.value, 'done')
})

test('what is put in front is there once', async () => {
  const list = createPaginator(async () => ({ items: rows('a', 'b'), nextCursor: null }), keyOf)
  await list.more()
  list.prepend({ id: 'b' })
  list.append({ id: 'a' })
  assert.equal(shown(list), 'b a')
})

test('the lists of the last pages are kept, older ones let go', () => {
  const make = () => createPaginator(async () => ({ items: rows(), nextCursor: null }), keyOf)
  const first = keepPaginator('first', make)
  assert.equal(keepPaginator('first', make), first)
  for (let at = 0; at < 40; at++) keepPaginator(`other:${at}`, make)
  assert.equal(keptPaginator('first'), undefined)
  forgetPaginators('other:')
  assert.equal(keptPaginator('other:39'), undefined)
})
