import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemClock } from '#platform/clock/clock.ts'
import { createPostsKit, type Person, type PostsKit } from '../../../test/helpers/posts-kit.ts'
import { assertIndexed, plansOf } from '../../../test/helpers/query-plans.ts'
import { createSqlSkeleton } from './feed-skeleton.ts'
import { createFeedViewers } from './feed-viewers.ts'

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
  assertIndexed(await plansOf(database.main, page), ['outboxes'], ['outboxes_by_author'])
})
