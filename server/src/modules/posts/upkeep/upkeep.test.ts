import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { createPostsKit, type Person, type PostsKit } from '../../../../test/helpers/posts-kit.ts'

let kit: PostsKit
let anna: Person
let ben: Person

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  ben = await kit.person('ben')
})
after(() => kit[Symbol.asyncDispose]())

async function livelyPost() {
  const { id } = await kit.post(anna, { caption: '#counted' })
  const params = { id }
  await ben.call('PUT /api/posts/:id/like', { params })
  await ben.call('POST /api/posts/:id/shares', { params })
  const top = await ben.call('POST /api/posts/:id/comments', { params, body: { text: 'top' } })
  await anna.call('POST /api/posts/:id/comments', { params, body: { text: 're', parentId: top.id } })
  return id
}

test('counters that went wrong are found, put right, and right ones left alone', async () => {
  const id = await livelyPost()
  const other = await livelyPost()
  const { recount } = kit.app.modules.posts.api
  assert.equal((await recount.postCounts()).repaired, 0)
  assert.equal((await recount.hashtags()).repaired, 0)
  assert.equal((await recount.accounts()).repaired, 0)
  const { main } = kit.app.database
  const wrong = { like_count: 7, comment_count: 0, share_count: 3 }
  await main.updateTable('post_counts').set(wrong).where('post_id', '=', id).execute()
  await main
    .updateTable('comments')
    .set({ reply_count: 9 })
    .where('post_id', '=', id)
    .where('parent_id', 'is', null)
    .execute()
  await main.updateTable('hashtags').set({ post_count: 5 }).where('tag', '=', 'counted').execute()
  await main.updateTable('user_counts').set({ post_count: 40 }).where('user_id', '=', anna.user.id).execute()
  assert.equal((await recount.postCounts()).repaired, 2)
  assert.equal((await recount.hashtags()).repaired, 1)
  assert.equal((await recount.accounts()).repaired, 1)
  for (const post of [id, other]) {
    const seen = await ben.call('GET /api/posts/:id', { params: { id: post } })
    assert.deepEqual([seen.likeCount, seen.commentCount, seen.shareCount], [1, 2, 1])
    assert.equal(seen.newestComments[0]!.replyCount, 1)
  }
  const [tag] = (await ben.call('GET /api/tags', { query: { prefix: 'counted' } })).items
  assert.equal(tag!.postCount, 2)
  assert.equal((await ben.call('GET /api/users/:username', { params: { username: 'anna' } })).postCount, 2)
})

test('counting again while people like never breaks the count', async () => {
  const { id } = await kit.post(anna)
  const crowd = await kit.people(12)
  const { recount } = kit.app.modules.posts.api
  await Promise.all([
    ...crowd.map((person) => person.call('PUT /api/posts/:id/like', { params: { id } })),
    recount.postCounts(),
    recount.postCounts(),
  ])
  const seen = await ben.call('GET /api/posts/:id', { params: { id } })
  assert.equal(seen.likeCount, 12)
  assert.equal((await recount.postCounts()).repaired, 0)
})

test('counting again does not end an answer to a comment by a deadlock', async () => {
  const id = await livelyPost()
  const { database, modules } = kit.app
  const top = (tx: Tx) => tx.updateTable('comments').where('post_id', '=', id).where('parent_id', 'is', null)
  await database.transaction((tx) => top(tx).set({ reply_count: 9 }).execute())
  const counting = await database.transaction(async (tx) => {
    // As one who answers: the comment first, the counters of the post after.
    await top(tx).set({ reply_count: 8 }).execute()
    const running = modules.posts.api.recount.postCounts()
    while (!(await isSomebodyWaiting())) await setImmediate()
    // Not `changeCounts`: transactions begin anew after a deadlock, and nothing would be seen of it.
    await tx
      .selectFrom('post_counts')
      .select('post_id')
      .where('post_id', '=', id)
      .forUpdate()
      .noWait()
      .execute()
    return { running }
  })
  assert.equal((await counting.running).repaired, 1)
  const seen = await ben.call('GET /api/posts/:id', { params: { id } })
  assert.equal(seen.newestComments[0]!.replyCount, 1)
})

async function isSomebodyWaiting(): Promise<boolean> {
  const waiting = await sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  `.execute(kit.app.database.main)
  return waiting.rows.length > 0
}

test('the liker’s side of likes is rebuilt from the likes', async () => {
  const id = await livelyPost()
  const { main } = kit.app.database
  const { reconcileMarks } = kit.app.modules.posts.api
  // The liker's side follows by event; until then it is a side that lacks a like.
  await kit.app.settle()
  assert.deepEqual(await reconcileMarks(), { added: 0, removed: 0 })
  await main.deleteFrom('likes_given').where('post_id', '=', id).execute()
  const [other] = await main.selectFrom('likes_given').selectAll().limit(1).execute()
  await main
    .insertInto('likes_given')
    .values({ ...other!, post_id: String(BigInt(id) + 1n), id: String(BigInt(other!.id) + 1n) })
    .execute()
  await ben.call('PUT /api/posts/:id/save', { params: { id } })
  await main
    .insertInto('saves')
    .values({ ...other!, post_id: String(BigInt(id) + 1n), id: String(BigInt(other!.id) + 2n) })
    .execute()
  assert.deepEqual(await reconcileMarks(), { added: 1, removed: 2 })
  assert.equal((await ben.call('GET /api/posts/:id', { params: { id } })).saved, true)
  assert.equal((await ben.call('GET /api/posts/:id', { params: { id } })).liked, true)
})

test('outboxes are rebuilt from the posts', async () => {
  const id = await livelyPost()
  const { main } = kit.app.database
  const { reconcileOutboxes, dropMemory } = kit.app.modules.feed.api
  assert.deepEqual(await reconcileOutboxes(), { added: 0, removed: 0 })
  const feed = async () => (await anna.call('GET /api/feed')).items.map((post) => post.id)
  const before = await feed()
  const [row] = await main.deleteFrom('outboxes').where('post_id', '=', id).returningAll().execute()
  await main
    .insertInto('outboxes')
    .values({ ...row!, feed_id: String(BigInt(row!.feed_id) + 1n), post_id: String(BigInt(id) + 1n) })
    .execute()
  dropMemory()
  assert.ok(!(await feed()).includes(id))
  assert.deepEqual(await reconcileOutboxes(), { added: 1, removed: 1 })
  assert.deepEqual(await feed(), before)
})

test('previous captions go after 90 days', async () => {
  const { id } = await kit.post(anna, { caption: 'one' })
  for (const caption of ['two', 'three'])
    await anna.call('PATCH /api/posts/:id', { params: { id }, body: { caption } })
  const { main } = kit.app.database
  const old = new Date(Date.now() - 91 * 86_400_000)
  await main.updateTable('post_revisions').set({ replaced_at: old }).where('caption', '=', 'one').execute()
  assert.equal((await kit.app.modules.posts.api.sweep.run()).revisions, 1)
  const kept = await main.selectFrom('post_revisions').select('caption').where('post_id', '=', id).execute()
  assert.deepEqual(kept, [{ caption: 'two' }])
})

test('rows of a deleted post whose event was lost go with the sweep', async () => {
  const id = await livelyPost()
  const { main } = kit.app.database
  await main
    .updateTable('posts')
    .set({ deleted_at: new Date(Date.now() - 3_600_000) })
    .where('id', '=', id)
    .execute()
  assert.equal((await kit.app.modules.posts.api.sweep.run()).purged, 1)
  for (const table of ['likes', 'likes_given', 'comments', 'shares', 'post_counts'] as const)
    assert.deepEqual(
      await main.selectFrom(table).select('post_id').where('post_id', '=', id).execute(),
      [],
      table,
    )
})
