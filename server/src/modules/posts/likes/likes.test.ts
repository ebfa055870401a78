import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { bucketOf } from '#platform/ids/ids.ts'
import {
  collect,
  createPostsKit,
  type Person,
  type PostsKit,
  refusal,
} from '../../../../test/helpers/posts-kit.ts'
import { until } from '../../../../test/helpers/until.ts'

let kit: PostsKit
let anna: Person
let crowd: Person[]

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  crowd = await kit.people(64)
})
after(() => kit[Symbol.asyncDispose]())

const like = (who: Person, id: string) => who.call('PUT /api/posts/:id/like', { params: { id } })
const unlike = (who: Person, id: string) => who.call('DELETE /api/posts/:id/like', { params: { id } })
const read = (who: Person, id: string) => who.call('GET /api/posts/:id', { params: { id } })

describe('likes', () => {
  test('64 people at once never lose or invent a like', async () => {
    const { id } = await kit.post(anna)
    const liked = await Promise.all(crowd.map((person) => like(person, id)))
    assert.ok(liked.every((answer) => answer.liked))
    assert.deepEqual(
      liked.map((answer) => answer.likeCount).toSorted((a, b) => a - b),
      Array.from({ length: 64 }, (_, i) => i + 1),
      'each answer counts the likes up to its own',
    )
    const [first] = crowd
    assert.equal((await read(first!, id)).likeCount, 64)
    const likers = await collect(
      anna.all('GET /api/posts/:id/likes', { params: { id }, query: { limit: 10 } }),
    )
    assert.equal(new Set(likers.map((liker) => liker.id)).size, 64)
    await Promise.all(crowd.slice(0, 32).map((person) => unlike(person, id)))
    assert.equal((await read(anna, id)).likeCount, 32)
    // The likers' side follows by event.
    await kit.app.settle()
    const given = await kit.app.database.main
      .selectFrom('likes_given')
      .select('user_id')
      .where('post_id', '=', id)
      .execute()
    assert.equal(given.length, 32)
  })

  test('liking and taking back by one person, all at once, never miscounts', async () => {
    const { id } = await kit.post(anna)
    const [ben] = crowd as [Person]
    await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? like(ben, id) : unlike(ben, id))))
    const { liked, likeCount } = await read(ben, id)
    assert.equal(likeCount, liked ? 1 : 0)
  })

  test('repeating is harmless', async () => {
    const { id } = await kit.post(anna)
    const [ben] = crowd as [Person]
    assert.deepEqual(await unlike(ben, id), { liked: false, likeCount: 0 })
    assert.deepEqual(await like(ben, id), { liked: true, likeCount: 1 })
    assert.deepEqual(await like(ben, id), { liked: true, likeCount: 1 })
    assert.equal((await read(ben, id)).liked, true)
    assert.equal((await read(anna, id)).liked, false, 'a like is the liker’s own')
    assert.deepEqual(await unlike(ben, id), { liked: false, likeCount: 0 })
  })

  test('who is behind a block is not named among the likers, and still counted', async () => {
    const { id } = await kit.post(anna)
    const [ben, carl] = crowd as [Person, Person]
    await like(ben, id)
    await like(carl, id)
    await ben.call('PUT /api/users/:username/block', { params: { username: carl.user.username } })
    const seen = async (who: Person) =>
      (await who.call('GET /api/posts/:id/likes', { params: { id } })).items.map((item) => item.id)
    assert.deepEqual(await seen(carl), [carl.user.id])
    assert.deepEqual(await seen(anna), [carl.user.id, ben.user.id])
    assert.equal((await read(carl, id)).likeCount, 2)
    await ben.call('DELETE /api/users/:username/block', { params: { username: carl.user.username } })
  })

  test('a post that vanishes while its likes wait is not found, and takes no other like along', async () => {
    const [gone, kept] = [(await kit.post(anna)).id, (await kit.post(anna)).id]
    const [ben, carl] = crowd as [Person, Person]
    await like(carl, gone)
    const { database } = kit.app
    const held = await database.transaction(async (tx) => {
      const counts = tx.selectFrom('post_counts').select('post_id')
      await counts.where('post_id', 'in', [gone, kept]).forUpdate().execute()
      const waiting = [refusal(like(ben, gone)), refusal(like(ben, kept)), refusal(unlike(carl, kept))]
      await until(isSomebodyWaiting)
      await tx.updateTable('posts').set({ deleted_at: new Date() }).where('id', '=', gone).execute()
      return { waiting }
    })
    assert.deepEqual(await Promise.all(held.waiting), ['post.not_found', 'none', 'none'])
    assert.equal((await read(anna, kept)).likeCount, 1)
    const rows = await database.main
      .selectFrom('likes')
      .select('user_id')
      .where('post_id', '=', gone)
      .execute()
    assert.deepEqual(rows, [{ user_id: carl.user.id }])
  })

  test('flags and lists never wait for the liker’s side to follow', async () => {
    const dora = await kit.person()
    const ids: string[] = []
    for (let n = 0; n < 6; n++) ids.push((await kit.post(anna)).id)
    for (const id of ids.slice(0, 4)) await like(dora, id)
    await kit.app.settle()
    await unlike(dora, ids[1]!)
    await unlike(dora, ids[3]!)
    for (const id of ids.slice(4)) await like(dora, id)
    await unlike(dora, ids[5]!)
    await like(dora, ids[3]!)
    const wanted = [3, 4, 2, 0].map((n) => ids[n]!)
    const looksRight = async () => {
      for (const limit of [1, 2, 3, 50]) {
        const listed = await collect(dora.all('GET /api/me/likes', { query: { limit } }))
        assert.deepEqual(
          listed.map((post) => post.id),
          wanted,
        )
      }
      const flags = await Promise.all(ids.map(async (id) => (await read(dora, id)).liked))
      assert.deepEqual(
        flags,
        ids.map((id) => wanted.includes(id)),
      )
    }
    await looksRight()
    await kit.app.settle()
    await looksRight()
    const given = await kit.app.database.main
      .selectFrom('likes_given')
      .select('post_id')
      .where('user_id', '=', dora.user.id)
      .orderBy('id', 'desc')
      .execute()
    assert.deepEqual(
      given.map((row) => row.post_id),
      wanted,
    )
  })

  test('one’s own likes are listed, the last first', async () => {
    const dora = await kit.person()
    const posts = [await kit.post(anna), await kit.post(anna), await kit.post(anna)]
    for (const post of [posts[1]!, posts[0]!, posts[2]!]) await like(dora, post.id)
    const listed = await collect(dora.all('GET /api/me/likes', { query: { limit: 1 } }))
    assert.deepEqual(
      listed.map((post) => post.id),
      [posts[2]!.id, posts[0]!.id, posts[1]!.id],
    )
    assert.ok(listed.every((post) => post.liked))
  })
})

async function isSomebodyWaiting(): Promise<boolean> {
  const waiting = await sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  `.execute(kit.app.database.main)
  return waiting.rows.length > 0
}

describe('saves', () => {
  test('are listed for the saver alone, the last first, and repeat harmlessly', async () => {
    const [ben, carl] = crowd as [Person, Person]
    const [a, b] = [await kit.post(anna), await kit.post(anna)]
    const save = (id: string) => ben.call('PUT /api/posts/:id/save', { params: { id } })
    assert.deepEqual(await save(a.id), { saved: true })
    await save(a.id)
    await save(b.id)
    const saved = async (who: Person) => (await who.call('GET /api/me/saved')).items.map((post) => post.id)
    assert.deepEqual(await saved(ben), [b.id, a.id])
    assert.deepEqual(await saved(carl), [])
    assert.equal((await read(ben, a.id)).saved, true)
    assert.equal((await read(carl, a.id)).saved, false)
    const answer = await ben.call('DELETE /api/posts/:id/save', { params: { id: b.id } })
    assert.deepEqual(answer, { saved: false })
    await ben.call('DELETE /api/posts/:id/save', { params: { id: b.id } })
    assert.deepEqual(await saved(ben), [a.id])
    const told = await kit.app.database.main
      .selectFrom('events')
      .select(['kind', 'subject_id', 'bucket'])
      .where('kind', 'like', 'saves.%')
      .orderBy('id')
      .execute()
    const bucket = bucketOf(ben.user.id)
    assert.deepEqual(told, [
      { kind: 'saves.created', subject_id: a.id, bucket },
      { kind: 'saves.created', subject_id: b.id, bucket },
      { kind: 'saves.deleted', subject_id: b.id, bucket },
    ])
  })
})

describe('shares', () => {
  test('are counted once per person', async () => {
    const { id } = await kit.post(anna)
    const share = (who: Person) => who.call('POST /api/posts/:id/shares', { params: { id } })
    const [ben, carl] = crowd as [Person, Person]
    await Promise.all([share(ben), share(ben), share(ben), share(carl)])
    assert.deepEqual(await share(ben), { shareCount: 2 })
    assert.equal((await read(anna, id)).shareCount, 2)
  })
})

test('who may not see a post gets the same answer as for none, whatever they do', async () => {
  const [stranger, pending, blocked] = crowd.slice(10) as [Person, Person, Person]
  const hidden = await kit.person(undefined, { isPrivate: true })
  const { id } = await kit.post(hidden)
  const open = await kit.post(anna)
  await kit.follow(pending, hidden)
  await anna.call('PUT /api/users/:username/block', { params: { username: blocked.user.username } })
  const missing = String(BigInt(id) + 1n)
  const everything = (who: Person, postId: string) => {
    const params = { id: postId }
    return [
      who.call('GET /api/posts/:id', { params }),
      who.call('PATCH /api/posts/:id', { params, body: { caption: 'x' } }),
      who.call('DELETE /api/posts/:id', { params }),
      who.call('POST /api/posts/:id/retry', { params }),
      like(who, postId),
      unlike(who, postId),
      who.call('PUT /api/posts/:id/save', { params }),
      who.call('DELETE /api/posts/:id/save', { params }),
      who.call('POST /api/posts/:id/shares', { params }),
      who.call('GET /api/posts/:id/likes', { params }),
      who.call('GET /api/posts/:id/comments', { params }),
      who.call('POST /api/posts/:id/comments', { params, body: { text: 'hi' } }),
      who.call('DELETE /api/posts/:id/comments/:commentId', { params: { id: postId, commentId: '1' } }),
    ]
  }
  const cases: [Person, string][] = [
    [stranger, id],
    [pending, id],
    [blocked, open.id],
    [stranger, missing],
  ]
  for (const [who, postId] of cases) {
    const answers = await Promise.all(everything(who, postId).map(refusal))
    assert.deepEqual(new Set(answers), new Set(['post.not_found']))
  }
  const signedOut = kit.app.client
  for (const route of [
    'GET /api/posts/:id',
    'GET /api/posts/:id/likes',
    'GET /api/posts/:id/comments',
  ] as const)
    assert.equal(await refusal(signedOut.call(route, { params: { id } })), 'post.not_found')
  assert.equal((await read(hidden, id)).likeCount, 0)
})
