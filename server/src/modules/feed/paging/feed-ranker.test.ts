import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import {
  createFeatureTable,
  createSeenPosts,
  createTasteSums,
  featureKeys,
  noteInteraction,
  nowhere,
  type PostFeaturesStore,
  type TabledPost,
  type Tastes,
  tasteFrom,
} from '#modules/ranking'
import { createTestClock } from '#platform/clock/clock.ts'
import { halvesOf } from '#platform/ids/id-halves.ts'
import { type Id, idAt } from '#platform/ids/ids.ts'
import { candidatesOf } from '../candidates.ts'
import type { FeedRow } from '../feed-row.ts'
import type { FeedAuthors, FeedViewer } from '../feed-viewers.ts'
import { createFeedRanker, type FeedRanker } from './feed-ranker.ts'
import { borrowDesk, type Desk } from './ranking-desk.ts'

const now = Date.UTC(2026, 10, 27, 12)
const hourMs = 60 * 60 * 1000
const tags = ['t:cats', 't:sunset', 't:harbour', 't:bread', 't:trains']

const nobody: FeedAuthors = { ids: [], key: '', has: () => false }
const viewer: FeedViewer = { id: '1', following: nobody, favouriteAuthors: nobody, favourites: new Set() }

/** Newest first; no two of them have the same features. */
const rows: readonly FeedRow[] = Array.from({ length: 60 }, (_, n) => {
  const id = idAt(now - (n + 1) * hourMs, 5, 1, 0)
  return { post_id: id, feed_id: id, author_id: String(100 + (n % 12)) }
})
const postOf = (id: Id): TabledPost => {
  const n = rows.findIndex(({ post_id }) => post_id === id)
  const features = featureKeys([...tags.filter((_, at) => (n >> at) % 2 === 1), `w:${n}`])
  const attention = {
    likes: n,
    comments: 0,
    shares: 0,
    impressions: 60,
    dwellMs: 0,
    dwells: 0,
    moderation: 0,
  }
  return { kind: n % 4, seconds: n, quality: Math.fround(n / 60), features, hashtags: [], attention }
}
const evens = rows.filter((_, n) => n % 2 === 0)
const odds = rows.filter((_, n) => n % 2 === 1)

function createTastes(): Tastes {
  const sums = createTasteSums()
  const when = { at: now - hourMs, localHour: 11 }
  for (const [at, tag] of tags.entries())
    for (let n = 0; n <= at; n++)
      noteInteraction(sums, 'like', { authorId: '100', features: [tag], kind: 0 }, when)
  const taste = tasteFrom(sums, 'UTC', now)
  const seen = createSeenPosts([], [])
  return {
    tasteOf: async () => taste,
    peekTaste: () => taste,
    peekEarlierTaste: () => taste,
    seenOf: async () => seen,
    peekSeen: () => seen,
    hiddenOf: async () => seen,
    peekHidden: () => seen,
  }
}

/** `loads`: what else happens when something is not in the table. */
function createStore(loads: (ids: readonly Id[]) => void = () => undefined) {
  const table = createFeatureTable()
  const places = new Map<Id, number>()
  const store: PostFeaturesStore = {
    peekFeatures: () => ({ ...table, find: (ids, into) => table.find(ids, 0, into) }),
    async getMany(ids) {
      const wanted = [...ids]
      loads(wanted)
      return new Map(wanted.map((id) => [id, postOf(id)]))
    },
    loadFacts: async () => new Map(),
  }
  return {
    store,
    put(some: readonly FeedRow[]) {
      // Not as they stand in feeds.
      for (const { post_id } of some.toReversed()) {
        const { hi, lo } = halvesOf(post_id)
        places.set(post_id, table.put(hi, lo, postOf(post_id), 1))
      }
    },
    drop(id: Id) {
      table.remove(places.get(id) ?? nowhere)
      places.delete(id)
    },
    assertUntouched() {
      for (const [id, place] of places) assert.deepEqual(table.read(place), postOf(id))
    },
  }
}

const rankerOf = (features: PostFeaturesStore): FeedRanker =>
  createFeedRanker({
    tastes: createTastes(),
    features,
    languageOf: () => 'en',
    clock: createTestClock(now),
  })

/** The desk is given back, unless it is to be nobody's any more. */
async function feedOf(ranker: FeedRanker, some: readonly FeedRow[], isKept = false) {
  const arranged = await ranker.arrange(viewer, candidatesOf(some, true))
  const { desk } = arranged
  const order: Id[] = []
  for (let placed = arranged.next(); placed !== null; placed = arranged.next()) order.push(placed.row.post_id)
  const { count } = desk.columns
  const scores = Object.entries(desk.scores).map(([part, column]) => [part, column.slice(0, count)])
  if (!isKept) arranged.release()
  return { desk, feed: { order, scores } }
}

describe('a desk that was used before', () => {
  let desk: Desk
  let memory: ReturnType<typeof createStore>
  let ranker: FeedRanker

  beforeEach(async () => {
    memory = createStore()
    memory.put(odds)
    ranker = rankerOf(memory.store)
    ;({ desk } = await feedOf(ranker, odds))
  })

  for (const [name, some] of [
    ['some of whose posts are not in the table', rows],
    ['none of whose posts is in the table', evens],
    ['that lies in the table', odds.slice(3)],
  ] as const)
    test(`makes no other scores, and writes nothing into the table, of a feed ${name}`, async () => {
      const fresh = createStore()
      fresh.put(odds)
      assert.equal(borrowDesk(), desk, 'while it is away there are new ones alone')
      const wanted = await feedOf(rankerOf(fresh.store), some, true)
      desk.giveBack()
      for (let n = 0; n < 2; n++) {
        const again = await feedOf(ranker, some)
        assert.equal(again.desk, desk)
        assert.deepEqual(again.feed, wanted.feed)
        memory.assertUntouched()
        assert.equal((await feedOf(ranker, odds)).desk, desk)
      }
    })
})

describe('posts whose features leave memory while others are loaded', () => {
  test('are never missing, however often some do', async () => {
    const left = [odds.slice(0, 10), odds.slice(10, 20), odds.slice(20)]
    const asked: Id[] = []
    const memory = createStore((ids) => {
      asked.push(...ids)
      // Chains that were written over have no end.
      memory.assertUntouched()
      for (const { post_id } of left.shift() ?? []) memory.drop(post_id)
    })
    memory.put(odds)
    const { feed } = await feedOf(rankerOf(memory.store), rows, true)
    assert.deepEqual(feed.order.toSorted(), rows.map(({ post_id }) => post_id).toSorted())
    assert.deepEqual(asked.toSorted(), feed.order.toSorted(), 'and each is asked for once')
    const whole = createStore()
    whole.put(rows)
    assert.deepEqual(feed, (await feedOf(rankerOf(whole.store), rows, true)).feed)
  })
})
