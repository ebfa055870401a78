import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeenPosts } from '#modules/ranking'
import { type Id, idAt } from '#platform/ids/ids.ts'
import type { FeedRow } from '../feed-row.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import { type MarkKind, news, ofNoDay, type Passed, seenBefore } from './caught-up.ts'
import { type Order, type StreamDeps, streamOf } from './order-stream.ts'

const now = Date.UTC(2026, 10, 27)
const hourMs = 60 * 60 * 1000
const idFrom = (hoursAgo: number, slot = 0): Id => idAt(now - hoursAgo * hourMs, 3, slot, 0)
const author = '1'
const reader = '2'

const rowsOf = (hoursAgo: readonly number[], author_id = author): FeedRow[] =>
  hoursAgo.map((ago) => ({ author_id, feed_id: idFrom(ago), post_id: idFrom(ago, 1) }))

function streamFrom(oldest: Id | null, passed: Passed, deps: Partial<StreamDeps>, rows: readonly FeedRow[]) {
  const following = { has: () => true }
  const viewer = { id: reader, following } as unknown as FeedViewer
  const order: Order = {
    ...{ next: () => null, find: () => null, positionAfter: () => [], shownIds: [], snapshotId: null },
    ...{ isFollowed: true, isPart: false, arranged: null, kept: null, oldest, passed },
  }
  const skeleton: StreamDeps['skeleton'] = {
    page: (_, { before, limit }) =>
      rows.filter(({ feed_id }) => before === null || BigInt(feed_id) < BigInt(before)).slice(0, limit),
    candidates: () => assert.fail('nothing is put in order here'),
  }
  const seenOf = () => createSeenPosts([], [])
  return streamOf({ skeleton, clock: { now: () => now }, seenOf, ...deps }, viewer, order, {
    hides: () => false,
  })
}

const seenOf = () => assert.fail('nobody asks what was seen')

test('nothing is read to know whether one is caught up when what follows is older than two days, or one is told so', async () => {
  const page = () => assert.fail('nobody reads on')
  const skeleton = { page, candidates: page }
  for (const [oldest, passed] of [
    [null, 'news'],
    [idFrom(49), 'news'],
    [idFrom(1), 'mark'],
  ] as const)
    for (const kind of [news, seenBefore] as const)
      assert.equal(await streamFrom(oldest, passed, { skeleton, seenOf }, []).olderBehind([], kind), null)
})

test('what was seen is not asked for by pages of older posts, nor by who is caught up', async () => {
  const older = rowsOf([50, 51, 52])
  for (const [oldest, passed, rows] of [
    [idFrom(1), 'nothing', older],
    [idFrom(49), 'nothing', older],
    [idFrom(1), 'mark', rowsOf([2, 3, 4])],
  ] as const) {
    const read = await streamFrom(oldest, passed, { seenOf }, rows).read(null, 3)
    assert.deepEqual(
      read.map(({ markKind }) => markKind),
      [ofNoDay, ofNoDay, ofNoDay],
    )
  }
})

test('what follows behind an order is found among what the page does not show, for each kind', async () => {
  const [fresh, seen, fresher] = rowsOf([2, 4, 6]) as [FeedRow, FeedRow, FeedRow]
  const [own] = rowsOf([3], reader) as [FeedRow]
  const rows = [fresh, own, seen, fresher, ...rowsOf([49])]
  const deps = { seenOf: () => createSeenPosts([{ postId: seen.post_id, day: 1 }], []) }
  const stream = streamFrom(idFrom(1), 'nothing', deps, rows)
  const shown = await stream.read(null, 5)
  const kinds: MarkKind[] = [news, ofNoDay, seenBefore, news, ofNoDay]
  assert.deepEqual(
    shown.map(({ markKind }) => markKind),
    kinds,
  )
  const behind = async (count: number, kind: MarkKind) => {
    const later = await stream.olderBehind(shown.slice(0, count), kind)
    return (await later!.read(null, 5)).map(({ post_id }) => post_id)
  }
  assert.deepEqual(await behind(0, news), [fresh.post_id, fresher.post_id])
  assert.deepEqual(await behind(1, news), [fresher.post_id])
  assert.deepEqual(await behind(4, news), [])
  assert.deepEqual(await behind(2, seenBefore), [seen.post_id])
  assert.deepEqual(await behind(3, seenBefore), [])
})
