import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { halvesOf, keyOf } from '#platform/ids/id-halves.ts'
import { compareIds, type Id, idAt } from '#platform/ids/ids.ts'
import { newestPosts } from './newest-posts.ts'
import { createOutboxIndex, feedIdAt, keptPerAuthor } from './outbox-index.ts'
import { bytesPerPost } from './post-columns.ts'

const roomy = 64 * 1024 * 1024
const start = Date.UTC(2026, 0, 1)

interface Post {
  author: number
  feed_id: Id
  post_id: Id
}

const feedIdAtMs = (ms: number, low = 0): Id => idAt(start + ms, 1 + (low >> 5), 1, low & 31)

function newestIn(
  index: ReturnType<typeof createOutboxIndex>,
  authors: number[],
  before: Id | null,
  count: number,
  reach = 0,
) {
  const out = new Int32Array(count)
  const found = newestPosts(index, Int32Array.from(authors), before, out, reach)
  return {
    ids: Array.from(out.subarray(0, found.count), (slot) => index.postIdOf(slot)),
    feedIds: Array.from(out.subarray(0, found.count), (slot) => feedIdAt(index.posts, slot)),
    isEnd: found.isEnd,
  }
}

const newestFirst = (a: Post, b: Post) => compareIds(b.feed_id, a.feed_id)

describe('posts of authors in memory', () => {
  const step = fc.record({
    kind: fc.constantFrom('publish', 'publish', 'publish', 'withdraw', 'again', 'forget'),
    author: fc.nat(5),
    ms: fc.nat(40),
    low: fc.nat(3),
  })

  test('are those of plain lists after any history, however they are read', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120, size: 'max' }),
        fc.uniqueArray(fc.nat(5), { minLength: 1 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 60 }),
        (steps, wanted, beforeMs, count) => {
          const index = createOutboxIndex({ maxBytes: roomy })
          const numbers = [0, 1, 2, 3, 4, 5].map((n) => index.numberOf(String(n + 1)))
          for (const number of numbers) index.load(number, [], false)
          let model: Post[] = []
          for (const { kind, author, ms, low } of steps) {
            const feed_id = feedIdAtMs(ms, low * 6 + author)
            const post = { author, feed_id, post_id: feedIdAtMs(ms + 1, low * 6 + author) }
            const isKnown = model.some((each) => each.feed_id === feed_id)
            if (kind === 'publish' || (kind === 'again' && isKnown)) {
              index.publish(numbers[author]!, post)
              if (!isKnown) model.push(post)
            } else if (kind === 'withdraw') {
              index.withdraw(numbers[author]!, post.post_id)
              model = model.filter((each) => each.feed_id !== feed_id)
            } else if (kind === 'forget') {
              index.forget(numbers[author]!)
              assert.equal(index.authors.isLoaded[numbers[author]!], 0)
              index.publish(numbers[author]!, post)
              const own = model.filter((each) => each.author === author).sort(newestFirst)
              index.load(numbers[author]!, own, false)
            }
          }
          const { hi, lo } = halvesOf(feedIdAtMs(beforeMs))
          for (const before of [null, feedIdAtMs(beforeMs)]) {
            const expected = model
              .filter((post) => wanted.includes(post.author))
              .filter((post) => before === null || compareIds(post.feed_id, before) < 0)
              .sort(newestFirst)
            const authors = wanted.map((n) => numbers[n]!)
            const found = newestIn(index, authors, before, count)
            assert.deepEqual(
              found.ids,
              expected.slice(0, count).map((post) => post.post_id),
            )
            if (found.ids.length < count) assert.equal(found.isEnd, true)
            const guessed = newestIn(index, authors, before, count, keyOf(hi, lo))
            assert.deepEqual(guessed.ids, found.ids, 'whatever was guessed of how far back they go')
            assert.equal(guessed.isEnd && !found.isEnd, false)
          }
          assert.equal(index.stats().posts, model.length)
        },
      ),
    )
  })

  test('end where an author’s older ones are not in memory, and never skip them', () => {
    const index = createOutboxIndex({ maxBytes: roomy })
    const [busy, calm] = [index.numberOf('1'), index.numberOf('2')]
    const rowAt = (ms: number) => ({ feed_id: feedIdAtMs(ms), post_id: feedIdAtMs(ms, 1) })
    index.load(busy, [rowAt(90), rowAt(80), rowAt(70)], true)
    index.load(calm, [rowAt(85), rowAt(75), rowAt(65), rowAt(55)], false)
    const all = newestIn(index, [busy, calm], null, 10)
    assert.deepEqual(
      all.feedIds,
      [90, 85, 80, 75, 70].map((ms) => feedIdAtMs(ms)),
    )
    assert.equal(all.isEnd, false)
    assert.deepEqual(newestIn(index, [busy, calm], feedIdAtMs(70), 10), {
      ids: [],
      feedIds: [],
      isEnd: false,
    })
    assert.equal(newestIn(index, [calm], null, 10).isEnd, true)
    // What is published again with an old place stays in the database alone.
    index.publish(busy, rowAt(60))
    assert.equal(newestIn(index, [busy], null, 10).ids.length, 3)
  })

  test('of one author do not grow without end, and the rest is known to be missing', () => {
    const index = createOutboxIndex({ maxBytes: roomy })
    const author = index.numberOf('1')
    index.load(author, [], false)
    for (let ms = 0; ms < keptPerAuthor * 2 + 10; ms++)
      index.publish(author, { feed_id: feedIdAtMs(ms), post_id: feedIdAtMs(ms, 1) })
    assert.equal(index.stats().posts, keptPerAuthor + 10)
    const found = newestIn(index, [author], null, keptPerAuthor * 3)
    assert.equal(found.ids.length, keptPerAuthor + 10)
    assert.equal(found.isEnd, false)
  })

  test('keep within their memory: who is not read goes first', () => {
    const maxBytes = 5000 * bytesPerPost
    const index = createOutboxIndex({ maxBytes })
    const rows = Array.from({ length: 400 }, (_, i) => ({
      feed_id: feedIdAtMs(1000 - i),
      post_id: feedIdAtMs(1000 - i, 1),
    }))
    const read = index.numberOf('1')
    index.load(read, rows, false)
    for (let n = 2; n < 40; n++) {
      newestIn(index, [read], null, 1)
      index.load(index.numberOf(String(n)), rows, false)
      assert.ok(index.stats().posts * bytesPerPost <= maxBytes)
      assert.equal(index.authors.isLoaded[read], 1)
    }
    assert.ok(index.stats().loaded < 39)
  })

  test('numbers of authors mean nobody else after all was dropped', () => {
    const index = createOutboxIndex({ maxBytes: 1 })
    const { generation } = index
    for (let n = 1; n <= 300; n++) index.numberOf(String(n))
    assert.notEqual(index.generation, generation)
    assert.equal(index.findNumber('1'), undefined)
  })
})
