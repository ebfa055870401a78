import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { createPostsKit, type Person, type PostsKit } from '../../../test/helpers/posts-kit.ts'
import { assertIndexed, plansOf } from '../../../test/helpers/query-plans.ts'
import { type Seeded, seedFeed, seedFollows } from '../../../test/helpers/seed-feed.ts'

let kit: PostsKit
let viewer: Person
let seeded: Seeded

before(async () => {
  kit = await createPostsKit()
  viewer = await kit.person('viewer')
  const { main } = kit.app.database
  seeded = await seedFeed(main, { people: 600, posts: 12_000, likes: 20_000, comments: 12_000 })
  await seedFollows(main, viewer.user.id, seeded.people.slice(0, 300))
  await fillOutboxes()
})
after(() => kit[Symbol.asyncDispose]())

const db = () => kit.app.database.main

/** Posts of many whom the viewer does not follow: reading them all must be the dearer way on any PostgreSQL. */
async function fillOutboxes(): Promise<void> {
  const { main } = kit.app.database
  const newest = BigInt(seeded.posts.at(-1)!.id)
  await sql`
    insert into outboxes (bucket, author_id, feed_id, post_id)
    select n % 1024, 1000 + n % 5000, ${String(newest)}::bigint - n::bigint * 65536, n
    from generate_series(1, 150000) as n
  `.execute(main)
  await sql`analyze outboxes`.execute(main)
}

const hotTables = [
  'outboxes',
  'posts',
  'post_media',
  'post_counts',
  'likes',
  'comments',
  'likes_given',
  'saves',
  'hashtag_posts',
  'media',
]

describe('hot queries use their index on a lived-in database', () => {
  test('a page of the feed', async () => {
    const { nextCursor } = await viewer.call('GET /api/feed')
    for (const cursor of [undefined, nextCursor!]) {
      kit.app.modules.feed.api.dropMemory()
      kit.app.modules.posts.api.dropMemory()
      const plans = await plansOf(db(), () => viewer.call('GET /api/feed', { query: { cursor } }))
      assertIndexed(plans, hotTables, ['outboxes_', 'posts_…_pkey', 'comments_…'])
    }
  })

  test('a profile', async () => {
    const plans = await plansOf(db(), () =>
      viewer.call('GET /api/users/:username/posts', { params: { username: 'seeded_0' } }),
    )
    assertIndexed(plans, hotTables, ['posts_…_author_id_display_at'])
  })

  test('comments, likers and a hashtag page', async () => {
    const busy = { params: { id: seeded.posts[0]!.id } }
    const comments = await plansOf(db(), () => viewer.call('GET /api/posts/:id/comments', busy))
    assertIndexed(comments, hotTables, ['comments_…'])
    const likers = await plansOf(db(), () => viewer.call('GET /api/posts/:id/likes', busy))
    assertIndexed(likers, hotTables, ['likes_…'])
    const tagged = await plansOf(db(), () =>
      viewer.call('GET /api/tags/:tag/posts', { params: { tag: seeded.tag } }),
    )
    assertIndexed(tagged, hotTables, ['hashtag_posts_by_time'])
  })

  test('a like that comes or goes, among thousands of one post', async () => {
    const busy = { params: { id: seeded.posts[0]!.id } }
    const plans = await plansOf(db(), async () => {
      await viewer.call('PUT /api/posts/:id/like', busy)
      await kit.app.settle()
      await viewer.call('DELETE /api/posts/:id/like', busy)
      await kit.app.settle()
    })
    const byKey = plans.filter(({ text }) => /lateral \(\s*select [^)]* from likes l/.test(text))
    assert.ok(byKey.length >= 4, 'both followers, and taking it back')
    for (const { text, indexes } of byKey)
      assert.ok(indexes[0] && /^likes_.*pkey$/.test(indexes[0]), `reads likes by time:\n${text}`)
  })

  test('what the author of a post did to it, among thousands of others', async () => {
    const [busy] = seeded.posts
    const at = new Date().toISOString()
    const signals = [{ id: 'plan', kind: 'impression' as const, at, postId: busy!.id }]
    const plans = await plansOf(db(), () => viewer.call('POST /api/signals', { body: { signals } }))
    const facts = plans.filter(({ text }) => text.includes('own_likes'))
    assert.equal(facts.length, 1)
    assertIndexed(facts, hotTables, ['likes_…_pkey', 'comments_…_author_id_post_id'])
  })

  test('what one likes and saved', async () => {
    const plans = await plansOf(db(), () => viewer.call('GET /api/me/likes'))
    assertIndexed(plans, hotTables, ['likes_given_by_time'])
    const post = { params: { id: seeded.posts[0]!.id } }
    const marks = await plansOf(db(), () => viewer.call('GET /api/posts/:id', post))
    assertIndexed(marks, hotTables, ['likes_given_pkey'])
  })
})
