import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bucketOf, type Id, timeOf } from '../server/src/platform/ids/ids.ts'
import type { Cell } from './copy-rows.ts'
import { drawFollows } from './feed-graph.ts'
import { rowsOf, spanMs } from './feed-rows.ts'

const size = { people: 200, posts: 1500, follows: 4000, readers: [{ follows: 20, count: 6 }], lively: 0.4 }
const start = Date.UTC(2026, 7, 1)
const { ordered, loose } = rowsOf(size, drawFollows(size, 1), start)

function read(table: string): Record<string, Cell>[] {
  const { columns, rows } = [...ordered, ...loose].find((one) => one.table === table)!
  return Array.from(rows, (cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i]!])))
}

function countBy(table: string, column: string): Map<Cell, number> {
  const counts = new Map<Cell, number>()
  for (const row of read(table)) counts.set(row[column]!, (counts.get(row[column]!) ?? 0) + 1)
  return counts
}

describe('the rows of a data set', () => {
  it('have as many cells as columns, and the bucket of their ids', () => {
    for (const { table, columns, rows } of [...ordered, ...loose])
      for (const cells of rows) assert.equal(cells.length, columns.length, table)
    for (const table of ['posts', 'media', 'following', 'followers', 'likes', 'likes_given', 'comments'])
      for (const { bucket, id } of read(table)) assert.equal(bucketOf(id as Id), bucket, table)
  })

  it('are counted where they are counted', () => {
    const [likes, comments] = [countBy('likes', 'post_id'), countBy('comments', 'post_id')]
    for (const { post_id, like_count, comment_count } of read('post_counts')) {
      assert.equal(likes.get(post_id!) ?? 0, like_count)
      assert.equal(comments.get(post_id!) ?? 0, comment_count)
    }
    const [following, followers] = [countBy('following', 'follower_id'), countBy('followers', 'followed_id')]
    const written = countBy('posts', 'author_id')
    for (const { user_id, following_count, follower_count, post_count } of read('user_counts')) {
      assert.equal(following.get(user_id!) ?? 0, following_count)
      assert.equal(followers.get(user_id!) ?? 0, follower_count)
      assert.equal(written.get(user_id!) ?? 0, post_count)
    }
    const tagged = countBy('hashtag_posts', 'tag')
    for (const { tag, post_count } of read('hashtags')) assert.equal(tagged.get(tag!) ?? 0, post_count)
  })

  it('are there on both sides, and each once', () => {
    const pairs = (table: string, one: string, other: string) =>
      read(table)
        .map((row) => `${row[one]} ${row[other]}`)
        .sort()
    assert.deepEqual(
      pairs('following', 'follower_id', 'followed_id'),
      pairs('followers', 'follower_id', 'followed_id'),
    )
    assert.deepEqual(pairs('likes', 'user_id', 'post_id'), pairs('likes_given', 'user_id', 'post_id'))
    for (const table of ['posts', 'media', 'likes', 'comments', 'outboxes']) {
      const key = table === 'outboxes' ? 'feed_id' : 'id'
      assert.equal(new Set(read(table).map((row) => `${row.post_id} ${row[key]}`)).size, read(table).length)
    }
  })

  it('lie in the span, a post’s entry in feeds just after it was made', () => {
    for (const { id, feed_id } of read('posts')) {
      assert.ok(timeOf(id as Id) > start && timeOf(id as Id) < start + spanMs)
      assert.equal(timeOf(feed_id as Id) - timeOf(id as Id), 1)
    }
  })
})
