import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Cache } from '#platform/cache/cache.ts'
import { systemClock } from '#platform/clock/clock.ts'
import { createPostsKit, type Person, type PostsKit } from '../../../test/helpers/posts-kit.ts'
import { assertIndexed, type Plan, plansOf } from '../../../test/helpers/query-plans.ts'
import { createSqlSkeleton } from './feed-skeleton.ts'
import { createFeedViewers } from './feed-viewers.ts'
import { createSharedFeeds } from './precompute/shared-feeds.ts'

let kit: PostsKit

before(async () => {
  kit = await createPostsKit()
  await sql`
    insert into outboxes (bucket, author_id, feed_id, post_id)
    select n % 1024, 1000 + n % 5000, 340000000000000000 + n::bigint * 65536, n
    from generate_series(1, 150000) as n
  `.execute(kit.app.database.main)
  await sql`analyze outboxes`.execute(kit.app.database.main)
})
after(() => kit[Symbol.asyncDispose]())

/** Of their authors alone: walking through all of the index uses it as well. */
function assertByAuthor(plans: readonly Plan[]): void {
  assertIndexed(plans, ['outboxes'], ['outboxes_by_author'])
  for (const { text, indexes } of plans)
    if (indexes.includes('outboxes_by_author')) assert.match(text, /"Index Cond": "[^"]*author_id = ANY/)
}

test('what is not in memory is read by its index', async () => {
  const [ben, anna] = (await kit.people(2)) as [Person, Person]
  await kit.follow(ben, anna)
  const posts = [await kit.post(anna), await kit.post(ben)]
  const { database, modules } = kit.app
  const skeleton = createSqlSkeleton({ database, clock: systemClock })
  const { following: authors } = await createFeedViewers(modules.graph.api)(ben.user.id)
  const page = () => skeleton.page(ben.user, { authors, before: null, limit: 21 })
  assert.deepEqual(
    (await page()).map((row) => row.post_id),
    posts.map((post) => post.id).toReversed(),
  )
  assertByAuthor(await plansOf(database.main, page))
})

test('what is newer than a kept beginning is read by its index', async () => {
  const [ben, anna] = (await kit.people(2)) as [Person, Person]
  await kit.follow(ben, anna)
  const kept = await kit.post(anna)
  const newer = await kit.post(anna)
  const { database, modules } = kit.app
  const get = async (key: string) => (key === `user:feed:${ben.user.id}` ? [kept.id] : undefined)
  const cache = { get, set: async () => {} } as unknown as Cache
  const feeds = createSharedFeeds({ cache, database })
  const { following: authors } = await createFeedViewers(modules.graph.api)(ben.user.id)
  const find = () => feeds.find(ben.user.id, authors)
  assert.deepEqual(
    (await find())?.map((row) => row.post_id),
    [newer.id, kept.id],
  )
  assertByAuthor(await plansOf(database.main, find))
})
