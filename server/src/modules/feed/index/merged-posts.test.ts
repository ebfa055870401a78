import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { idOf } from '#platform/ids/id-halves.ts'
import { compareIds, type Id, idAt } from '#platform/ids/ids.ts'
import { type Candidates, candidatesMax } from '../candidates.ts'
import { broughtUpToDate, type MergedPosts, mergedFrom } from './merged-posts.ts'
import { newestPosts } from './newest-posts.ts'
import { createOutboxIndex, type OutboxRow } from './outbox-index.ts'
import { createSharedRows } from './shared-rows.ts'

const start = Date.UTC(2026, 0, 1)
const idAtMs = (ms: number, author: number): Id => idAt(start + ms, 1 + author, 1, 0)
const rowAt = (ms: number, author: number): OutboxRow => ({
  feed_id: idAtMs(ms, author),
  post_id: idAtMs(ms + 1, author),
})

/** Authors 0 to 5; `had` posts of the first, so that some fall out behind. */
function createFeed(had: number) {
  const outboxes = createOutboxIndex({ maxBytes: 64 * 1024 * 1024 })
  const sources = { outboxes, shared: createSharedRows(outboxes) }
  const numbers = [...outboxes.numbersOf(['1', '2', '3', '4', '5', '6'])!]
  const past = Array.from({ length: had }, (_, n) => rowAt(had - n, 0))
  for (const [author, number] of numbers.entries()) outboxes.load(number, author === 0 ? past : [], false)
  return {
    outboxes,
    sources,
    numbers,
    mergeAnew(authors: Int32Array): MergedPosts {
      const slots = new Int32Array(candidatesMax)
      const { count, isEnd } = newestPosts(outboxes, authors, null, slots)
      return mergedFrom(sources, slots.slice(0, count), isEnd)
    },
  }
}

function told({ count, authorHi, authorLo, author, isEnd, rowAt: rowOf }: Candidates) {
  const rows = Array.from({ length: count }, (_, row) => rowOf(row))
  assert.deepEqual(
    rows.map((row) => row.author_id),
    Array.from(author, (at) => idOf(authorHi[at]!, authorLo[at]!)),
  )
  return { rows: rows.map(({ author_id, post_id, feed_id }) => ({ author_id, post_id, feed_id })), isEnd }
}

const step = fc.record({
  kind: fc.constantFrom('publish', 'publish', 'publish', 'late', 'withdraw', 'load', 'look'),
  author: fc.nat(5),
  back: fc.nat(8),
  /** Now and then about as many at once as are put in front, or more. */
  times: fc.constantFrom(1, 1, 1, 1, 1, 1, 31, 32, 33),
})

test('what was published since stands in front, and nothing is missing, gone or out of its turn after any history', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80, size: 'max' }),
      fc.constantFrom(0, 3, candidatesMax - 5, candidatesMax + 5),
      fc.uniqueArray(fc.nat(5), { minLength: 1 }),
      (steps, had, wanted) => {
        const feed = createFeed(had)
        const { outboxes, sources, numbers } = feed
        const authors = Int32Array.from(wanted, (author) => numbers[author]!)
        let merged = feed.mergeAnew(authors)
        let model = Array.from({ length: had }, (_, n) => ({ ...rowAt(n + 1, 0), author: 0 }))
        let now = 1000
        for (const { kind, author, back, times } of steps) {
          const number = numbers[author]!
          const own = () => model.filter((post) => post.author === author)
          if (kind === 'publish') {
            for (let n = 0; n < times; n++) {
              const row = rowAt(++now, author)
              outboxes.publish(number, row)
              model.push({ ...row, author })
            }
          } else if (kind === 'late') {
            const row = rowAt(now - back, author)
            if (model.some(({ feed_id }) => feed_id === row.feed_id)) continue
            outboxes.publish(number, row)
            model.push({ ...row, author })
          } else if (kind === 'withdraw') {
            const post = own().at(-1 - back)
            if (!post) continue
            outboxes.withdraw(number, post.post_id)
            model = model.filter((each) => each !== post)
          } else if (kind === 'load') {
            const newestFirst = own().sort((a, b) => compareIds(b.feed_id, a.feed_id))
            outboxes.load(number, newestFirst, false)
          } else {
            merged = broughtUpToDate(sources, merged, authors) ?? feed.mergeAnew(authors)
            assert.deepEqual(told(merged.candidates), told(feed.mergeAnew(authors).candidates))
          }
        }
        merged = broughtUpToDate(sources, merged, authors) ?? feed.mergeAnew(authors)
        assert.deepEqual(told(merged.candidates), told(feed.mergeAnew(authors).candidates))
      },
    ),
  )
})

test('a few newer posts never make the whole feed be merged anew, whoever else published', () => {
  const feed = createFeed(candidatesMax)
  const { outboxes, sources, numbers } = feed
  const authors = Int32Array.from(numbers.slice(0, 3))
  const merged = feed.mergeAnew(authors)
  outboxes.publish(numbers[5]!, rowAt(1001, 5))
  assert.equal(broughtUpToDate(sources, merged, authors), merged, 'nobody of theirs')
  outboxes.publish(numbers[2]!, rowAt(1002, 2))
  outboxes.publish(numbers[1]!, rowAt(1003, 1))
  outboxes.publish(numbers[2]!, rowAt(1004, 2))
  const next = broughtUpToDate(sources, merged, authors)
  assert.deepEqual(
    told(next!.candidates).rows.slice(0, 4),
    [rowAt(1004, 2), rowAt(1003, 1), rowAt(1002, 2), rowAt(candidatesMax, 0)].map((row, at) => ({
      author_id: ['3', '2', '3', '1'][at],
      ...row,
    })),
  )
  assert.equal(next!.candidates.count, candidatesMax)
})

test('where features lay is taken over for the same posts, and for no other', () => {
  const some = fc.subarray(Array.from({ length: 60 }, (_, n) => n))
  fc.assert(
    fc.property(some, some, (first, second) => {
      const merge = (posts: readonly number[], before: MergedPosts | null) => {
        const { outboxes, sources, numbers } = createFeed(0)
        for (const n of posts) outboxes.publish(numbers[n % 6]!, rowAt(n + 1, n % 6))
        const slots = new Int32Array(candidatesMax)
        const { count, isEnd } = newestPosts(outboxes, Int32Array.from(numbers), null, slots)
        return mergedFrom(sources, slots.slice(0, count), isEnd, before)
      }
      const before = merge(first, null)
      const placeOf = (row: { feed_id: Id }) => 1 + (Number(BigInt(row.feed_id) >> 22n) % 1009)
      for (let row = 0; row < before.candidates.count; row++)
        before.candidates.places[row] = placeOf(before.candidates.rowAt(row))
      const { count, places, rowAt: rowOf } = merge(second, before).candidates
      assert.equal(count, second.length)
      for (let row = 0; row < count; row++) {
        const wasThere = first.some((n) => rowAt(n + 1, n % 6).feed_id === rowOf(row).feed_id)
        assert.equal(places[row], wasThere ? placeOf(rowOf(row)) : 0)
      }
    }),
  )
})
