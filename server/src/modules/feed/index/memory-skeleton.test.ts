import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Database } from '#platform/db/db.ts'
import { compareIds, type Id, idAt } from '#platform/ids/ids.ts'
import { candidatesMax, candidatesOf } from '../candidates.ts'
import type { FeedRow } from '../feed-row.ts'
import type { FeedRequest, FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedAuthors } from '../feed-viewers.ts'
import { createMemorySkeleton } from './memory-skeleton.ts'
import { createOutboxIndex } from './outbox-index.ts'
import { createOutboxLoading } from './outbox-loading.ts'

const viewer = { id: '1' }
const peopleMax = 500
/** Room for so many authors. */
const authorsMax = 256
const start = Date.UTC(2026, 0, 1)
const idOfPerson = (n: number): Id => idAt(start, n, 1, 0)

/** A process with little room, and a table that answers at once. */
function createProcess() {
  const table: FeedRow[] = []
  const outboxes = createOutboxIndex({ maxBytes: 1 })
  const newestFirst = (wanted: FeedAuthors) =>
    table.filter(({ author_id }) => wanted.has(author_id)).sort((a, b) => compareIds(b.feed_id, a.feed_id))
  const page = ({ authors, before, limit }: FeedRequest) =>
    newestFirst(authors)
      .filter(({ feed_id }) => before === null || compareIds(feed_id, before) < 0)
      .slice(0, limit)
  let readInSql = 0
  const sql: FeedSkeleton = {
    page(_, request) {
      readInSql++
      return page(request)
    },
    candidates(_, request) {
      readInSql++
      return candidatesOf(page({ ...request, limit: candidatesMax }), true)
    },
  }
  async function executeQuery({ parameters }: { parameters: readonly Id[][] }) {
    const wanted = new Set(parameters[1])
    const has = (id: Id) => wanted.has(id)
    return { rows: newestFirst({ ids: [...wanted], key: '', has }) }
  }
  const database = { main: { executeQuery } } as unknown as Database
  const loading = createOutboxLoading({ database, outboxes })
  const skeleton = createMemorySkeleton({ outboxes, loading, sql, isCurrent: () => true })
  return {
    skeleton,
    page,
    sqlReads: () => readInSql,
    publish(n: number): void {
      const id = idAt(start + table.length + 1, n, 1, 0)
      const row = { author_id: idOfPerson(n), feed_id: id, post_id: id }
      table.push(row)
      const author = outboxes.findNumber(row.author_id)
      if (author === undefined) return
      loading.outdate(author)
      outboxes.publish(author, row)
    },
  }
}

function authorsOf(first: number, count: number): FeedAuthors {
  const ids = Array.from({ length: count }, (_, n) => idOfPerson(first + n))
  const set = new Set(ids)
  return { ids, key: `${first}`, has: (id) => set.has(id) }
}

const textsOf = (rows: readonly FeedRow[]) => rows.map((row) => `${row.author_id} ${row.post_id}`)

const feed = fc.tuple(fc.nat(peopleMax - 260), fc.integer({ min: 1, max: 260 }))
const step = fc.record({
  kind: fc.constantFrom('publish', 'candidates', 'candidates', 'page', 'together'),
  at: fc.nat(7),
  person: fc.nat(peopleMax - 1),
})

test('feeds have their own authors’ posts and no stranger’s, while more are read than there is room for', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(feed, { minLength: 3, maxLength: 8 }),
      fc.array(step, { maxLength: 60, size: 'max' }),
      async (given, steps) => {
        const process = createProcess()
        const feeds = given.map(([first, count]) => authorsOf(first, count))
        for (let n = 0; n < peopleMax; n += 7) process.publish(n)
        async function read(authors: FeedAuthors): Promise<void> {
          const found = await process.skeleton.candidates(viewer, { authors, before: null })
          const rows = Array.from({ length: found.count }, (_, row) => found.rowAt(row))
          const limit = candidatesMax
          assert.deepEqual(textsOf(rows), textsOf(process.page({ authors, before: null, limit })))
        }
        for (const { kind, at, person } of steps) {
          const authors = feeds[at % feeds.length]!
          if (kind === 'publish') process.publish(person)
          else if (kind === 'candidates') {
            const before = process.sqlReads()
            await read(authors)
            if (authors.ids.length <= authorsMax) assert.equal(process.sqlReads(), before, 'there is room')
          } else if (kind === 'together') await Promise.all(feeds.map(read))
          else {
            const before = idAt(start + person, 0, 0, 0)
            const request = { authors, before, limit: 5 }
            const rows = await process.skeleton.page(viewer, request)
            assert.deepEqual(textsOf(rows), textsOf(process.page(request)))
          }
        }
      },
    ),
  )
})
