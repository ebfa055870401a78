import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { halvesOf, idOf, keyOf } from '#platform/ids/id-halves.ts'
import { compareIds, type Id, idAt } from '#platform/ids/ids.ts'
import { newestPosts } from './newest-posts.ts'
import { createOutboxIndex, keptPerAuthor, keptPerAuthorMax, type OutboxIndex } from './outbox-index.ts'
import { bytesPerPost, none } from './post-records.ts'

const roomy = 64 * 1024 * 1024
const start = Date.UTC(2026, 0, 1)

interface Post {
  author: number
  feed_id: Id
  post_id: Id
}

const feedIdAtMs = (ms: number, low = 0): Id => idAt(start + ms, 1 + (low >> 5), 1, low & 31)

function newestIn(index: OutboxIndex, authors: number[], before: Id | null, count: number, reach = 0) {
  const out = new Int32Array(count)
  const found = newestPosts(index, Int32Array.from(authors), before, out, reach)
  const { posts } = index
  return {
    ids: Array.from(out.subarray(0, found.count), (slot) => idOf(posts.postHi(slot), posts.postLo(slot))),
    feedIds: Array.from(out.subarray(0, found.count), (slot) => idOf(posts.feedHi(slot), posts.feedLo(slot))),
    isEnd: found.isEnd,
  }
}

const numberIn = (index: OutboxIndex, id: Id) => index.numbersOf([id])![0]!

function countPosts({ posts, authors }: OutboxIndex): number {
  let count = 0
  for (const head of authors.head) for (let slot = head; slot !== none; slot = posts.previous(slot)) count++
  assert.equal(
    count,
    authors.count.reduce((sum, own) => sum + own),
  )
  return count
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
          const numbers = [0, 1, 2, 3, 4, 5].map((n) => numberIn(index, String(n + 1)))
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
          assert.equal(countPosts(index), model.length)
        },
      ),
    )
  })

  test('end where an author’s older ones are not in memory, and never skip them', () => {
    const index = createOutboxIndex({ maxBytes: roomy })
    const [busy, calm] = [numberIn(index, '1'), numberIn(index, '2')]
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
    const author = numberIn(index, '1')
    index.load(author, [], false)
    for (let ms = 0; ms < keptPerAuthorMax + 11; ms++) {
      index.publish(author, { feed_id: feedIdAtMs(ms), post_id: feedIdAtMs(ms, 1) })
      assert.ok(index.authors.count[author]! <= keptPerAuthorMax)
    }
    assert.equal(countPosts(index), keptPerAuthor + 10)
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
    const read = numberIn(index, '1')
    index.load(read, rows, false)
    for (let n = 2; n < 40; n++) {
      newestIn(index, [read], null, 1)
      index.load(numberIn(index, String(n)), rows, false)
      assert.ok(countPosts(index) * bytesPerPost <= maxBytes)
      assert.equal(index.authors.isLoaded[read], 1)
    }
    assert.ok(index.authors.isLoaded.reduce((sum, is) => sum + is) < 39)
  })

  test('leave their room to others when they go', () => {
    const index = createOutboxIndex({ maxBytes: roomy })
    const { length } = index.posts
    const rowAt = (ms: number) => ({ feed_id: feedIdAtMs(ms), post_id: feedIdAtMs(ms, 1) })
    const [author, other] = [numberIn(index, '1'), numberIn(index, '2')]
    for (let ms = 0; ms < length * 3; ms++) {
      if (ms % 400 === 0) index.load(author, [rowAt(ms)], false)
      index.publish(author, rowAt(ms + 1))
      if (ms % 500 === 0) index.load(other, [rowAt(ms), rowAt(ms - 1)], false)
      if (ms % 2 === 0) index.withdraw(author, rowAt(ms + 1).post_id)
      if (ms % 1000 === 0) index.forget(other)
    }
    assert.equal(index.posts.length, length)
  })
})

/** As many as there is room for at least, and the bytes for them. */
const authorsMax = 256
const cramped = 1

describe('authors for whom there is no room', () => {
  const idOfPerson = (n: number): Id => idAt(start, n % 1024, 1, 0)
  const rowOf = (n: number) => ({ feed_id: feedIdAtMs(n), post_id: feedIdAtMs(n, 1) })
  const isLoaded = (index: OutboxIndex, n: number) => {
    const number = index.findNumber(idOfPerson(n))
    return number !== undefined && index.authors.isLoaded[number] === 1
  }
  const bring = (index: OutboxIndex, n: number) => {
    const number = numberIn(index, idOfPerson(n))
    if (index.authors.isLoaded[number] === 0) index.load(number, [rowOf(n)], false)
    newestIn(index, [number], null, 1)
  }

  test('never cost those who are read their place', () => {
    const index = createOutboxIndex({ maxBytes: cramped })
    const read = Array.from({ length: 128 }, (_, n) => n)
    for (const n of read) bring(index, n)
    for (let next = 128; next < 1024; next++) {
      bring(index, next)
      if (next % 8 === 0) for (const n of read) newestIn(index, [index.findNumber(idOfPerson(n))!], null, 1)
      assert.ok(isLoaded(index, next))
      assert.ok(read.every((n) => isLoaded(index, n)))
    }
  })

  test('never make all others ask anew for their numbers one after the other, however many are read in turn', () => {
    const index = createOutboxIndex({ maxBytes: cramped })
    let [changes, { generation }] = [0, index]
    for (let turn = 0; turn < 10_000; turn++) {
      bring(index, turn % 400)
      if (index.generation !== generation) changes++
      generation = index.generation
    }
    assert.ok(changes <= 10_000 / (authorsMax / 16), `${changes} times`)
    assert.ok(index.authors.length <= authorsMax)
  })

  const step = fc.record({
    kind: fc.constantFrom('bring', 'bring', 'bring', 'bring', 'publish', 'forget', 'clear'),
    first: fc.nat(700),
    count: fc.constantFrom(1, 10, 100, 250),
  })

  test('have no number, and no number means two or shows another’s posts, whatever came between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const index = createOutboxIndex({ maxBytes: cramped })
        const published = new Map<number, Id[]>()
        for (const { kind, first, count } of steps) {
          if (kind === 'clear') {
            if (first < 70) index.clear()
            continue
          }
          for (let n = first; n < first + count; n++) {
            const number = index.findNumber(idOfPerson(n))
            if (kind === 'bring') {
              const given = numberIn(index, idOfPerson(n))
              if (index.authors.isLoaded[given] === 1) continue
              index.load(given, [rowOf(n)], false)
              published.set(n, [rowOf(n).post_id])
            } else if (number === undefined || index.authors.isLoaded[number] === 0) continue
            else if (kind === 'forget') index.forget(number)
            else {
              const row = rowOf(1024 * published.get(n)!.length + n)
              index.publish(number, row)
              published.set(n, [row.post_id, ...published.get(n)!])
            }
          }
          const numbers = new Set<number>()
          for (let n = 0; n < 1000; n++) {
            const number = index.findNumber(idOfPerson(n))
            if (number === undefined) continue
            assert.ok(!numbers.has(number))
            numbers.add(number)
            assert.equal(index.authorIdOf(number), idOfPerson(n))
            if (index.authors.isLoaded[number] === 1)
              assert.deepEqual(newestIn(index, [number], null, 100).ids, published.get(n))
            else assert.equal(index.authors.count[number], 0)
          }
          assert.ok(numbers.size <= authorsMax)
        }
      }),
      { numRuns: 60 },
    )
  })
})
