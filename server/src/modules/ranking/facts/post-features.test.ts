import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { halvesOf } from '#platform/ids/id-halves.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { createPostsKit, type Person, type PostsKit } from '../../../../test/helpers/posts-kit.ts'
import { createCandidateColumns, type IdColumns, mediaKinds } from '../candidate-columns.ts'
import { createPostFeatures, type PostFeaturesStore } from './post-features.ts'

let kit: PostsKit
let features: PostFeaturesStore

before(async () => {
  kit = await createPostsKit()
  features = createPostFeatures({ ...kit.app, database: kit.app.database })
  await kit.app.coherence.start()
})
after(() => kit[Symbol.asyncDispose]())

const get = async (id: Id) => (await features.getMany([id])).get(id)

function columnsOf(id: Id): IdColumns {
  const { hi, lo } = halvesOf(id)
  return { count: 1, postHi: Uint32Array.of(hi), postLo: Uint32Array.of(lo) }
}

/** As feeds read it. */
function qualityInTable(id: Id): number {
  const columns = createCandidateColumns(1)
  const place = new Int32Array(1)
  const { find, copy } = features.peekFeatures()!
  find(columnsOf(id), place)
  copy(place[0]!, columns, 0)
  return columns.quality[0]!
}

test('say what a post is about, and follow what becomes of it', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const post = await kit.post(anna, { caption: 'Harbour #Sunset', media: 2 })
  const params = { id: post.id }
  const first = await get(post.id)
  assert.deepEqual(first?.hashtags, ['sunset'])
  assert.equal(mediaKinds[first!.kind], 'carousel')
  const before = Math.fround(first!.quality)
  await ben.call('PUT /api/posts/:id/like', { params })
  await kit.app.settle()
  assert.ok(qualityInTable(post.id) > before, 'a like is counted without reading')
  await ben.call('DELETE /api/posts/:id/like', { params })
  await kit.app.settle()
  assert.equal(qualityInTable(post.id), before)
  await anna.call('PATCH /api/posts/:id', { params, body: { caption: '#other' } })
  await kit.app.settle()
  assert.deepEqual((await get(post.id))?.hashtags, ['other'])
})

test('of a post that may not be for everybody have a lower quality', async () => {
  const anna = await kit.person()
  const [plain, found, told] = [await kit.post(anna), await kit.post(anna), await kit.post(anna)]
  const db = kit.app.database.main
  await db
    .updateTable('media')
    .set({ moderation: JSON.stringify({ scores: { porn: 0.4, hentai: 0.1 } }) })
    .where('bucket', '=', bucketOf(found.id))
    .where('post_id', '=', found.id)
    .execute()
  await db
    .updateTable('posts')
    .set({ sensitive: true })
    .where('bucket', '=', bucketOf(told.id))
    .where('id', '=', told.id)
    .execute()
  const [one, two, three] = await Promise.all([plain, found, told].map(({ id }) => get(id)))
  assert.ok(one!.quality > two!.quality && two!.quality > three!.quality && three!.quality > 0)
})

test('are no better by what authors do to their own posts, nor worse by what they take back', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const post = await kit.post(anna)
  const params = { id: post.id }
  const answer = async (person: Person) => {
    await person.call('PUT /api/posts/:id/like', { params })
    await person.call('POST /api/posts/:id/shares', { params })
    const { id } = await person.call('POST /api/posts/:id/comments', { params, body: { text: 'look' } })
    await kit.app.settle()
    return id
  }
  const asRead = async () => {
    const { attention } = (await features.loadFacts([post.id])).get(post.id)!
    return [attention.likes, attention.comments, attention.shares]
  }
  const before = Math.fround((await get(post.id))!.quality)
  const commentId = await answer(anna)
  assert.equal(qualityInTable(post.id), before)
  assert.deepEqual(await asRead(), [0, 0, 0])
  await answer(ben)
  const answered = qualityInTable(post.id)
  assert.ok(answered > before)
  assert.deepEqual(await asRead(), [1, 1, 1])
  await anna.call('DELETE /api/posts/:id/comments/:commentId', { params: { ...params, commentId } })
  await anna.call('DELETE /api/posts/:id/like', { params })
  await kit.app.settle()
  assert.equal(Math.fround((await get(post.id))!.quality), answered)
})

test('of what does not exist are none', async () => {
  assert.equal((await features.getMany(['123'])).size, 0)
  assert.equal((await features.loadFacts([])).size, 0)
})
