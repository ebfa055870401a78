import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { limits } from '@heliograph/contract/limits'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../test/helpers/posts-kit.ts'

let kit: PostsKit
let anna: Person
let ben: Person

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  ben = await kit.person('ben')
})
after(() => kit[Symbol.asyncDispose]())

async function postCount(person: Person): Promise<number> {
  const { username } = person.user
  return (await person.call('GET /api/users/:username', { params: { username } })).postCount
}

function read(reader: Person, id: string) {
  return reader.call('GET /api/posts/:id', { params: { id } })
}

describe('sharing', () => {
  test('a post of prepared media is ready in the answer, with all that it was given', async () => {
    const uploadId = await kit.upload(anna)
    const post = await anna.call('POST /api/posts', {
      body: {
        caption: 'With @ben at the #Sea',
        place: { name: 'Kiel', lat: 54.3, lng: 10.1 },
        media: [{ uploadId, altText: 'Waves' }],
      },
    })
    assert.equal(post.status, 'ready')
    assert.equal(post.author.username, 'anna')
    assert.deepEqual(post.entities, [
      { kind: 'mention', start: 5, end: 9, value: 'ben', userId: ben.user.id },
      { kind: 'hashtag', start: 17, end: 21, value: 'sea' },
    ])
    assert.deepEqual(post.place, { name: 'Kiel', lat: 54.3, lng: 10.1 })
    assert.equal(post.media[0]!.altText, 'Waves')
    assert.ok(post.media[0]!.originalUrl)
    assert.equal(post.displayAt, post.publishedAt)
    const seen = await read(ben, post.id)
    assert.equal(seen.media[0]!.originalUrl, undefined, 'the original is for the owner')
    assert.equal(seen.caption, 'With @ben at the #Sea')
    assert.equal(await postCount(anna), 1)
  })

  test('a post never shows its media in another order than they were given', async () => {
    const uploads = []
    for (let i = 0; i < limits.mediaPerPost; i++) uploads.push(await kit.upload(ben))
    const shuffled = uploads.map((uploadId, i) => ({ uploadId, altText: `${i}` })).reverse()
    const post = await ben.call('POST /api/posts', { body: { media: shuffled } })
    const order = (media: { altText: string }[]) => media.map((medium) => medium.altText)
    assert.deepEqual(order(post.media), order(shuffled))
    const turned = [...post.media.slice(5), ...post.media.slice(0, 5)]
    const edited = await ben.call('PATCH /api/posts/:id', {
      params: { id: post.id },
      body: { media: turned.map(({ id }) => ({ id })) },
    })
    assert.deepEqual(order(edited.media), order(turned))
    assert.deepEqual(order((await read(anna, post.id)).media), order(turned))
  })

  test('an upload is never part of two posts, even when both ask at once', async () => {
    const uploadId = await kit.upload(anna)
    const share = () => refusal(anna.call('POST /api/posts', { body: { media: [{ uploadId }] } }))
    const outcomes = await Promise.all([share(), share(), share(), share()])
    assert.deepEqual(outcomes.toSorted(), ['none', 'upload.used', 'upload.used', 'upload.used'])
    const twice = await kit.upload(anna)
    const body = { media: [{ uploadId: twice }, { uploadId: twice }] }
    assert.equal(await refusal(anna.call('POST /api/posts', { body })), 'upload.used')
  })

  test('somebody else’s upload is not there', async () => {
    const uploadId = await kit.upload(anna)
    const stolen = ben.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    assert.equal(await refusal(stolen), 'upload.not_found')
  })

  test('what is too much is refused', async () => {
    const uploadId = await kit.upload(anna)
    const share = (body: object) =>
      refusal(anna.call('POST /api/posts', { body: { media: [{ uploadId }], ...body } }))
    const tags = Array.from({ length: 31 }, (_, i) => `#t${i}`).join(' ')
    assert.equal(await share({ caption: tags }), 'post.too_many_hashtags')
    assert.equal(await share({ caption: 'x'.repeat(100_000) }), 'request.invalid')
    assert.equal(
      await share({ media: Array.from({ length: 11 }, () => ({ uploadId })) }),
      'post.too_many_media',
    )
    assert.equal(await share({ media: [] }), 'post.too_many_media')
    assert.equal(
      await share({ displayAt: new Date(Date.now() + 3_600_000).toISOString() }),
      'request.invalid',
    )
    for (const displayAt of ['0001-01-01T00:00:00Z', '1825-12-31T23:59:59Z'])
      assert.equal(await share({ displayAt }), 'request.invalid')
    assert.equal(await share({ surprise: 1 }), 'request.invalid')
    assert.equal(await share({}), 'none', 'what was refused has not used the upload')
  })

  test('one Idempotency-Key twice at once makes one post', async () => {
    const uploadId = await kit.upload(anna)
    const count = await postCount(anna)
    const share = () =>
      anna.call('POST /api/posts', { body: { media: [{ uploadId }] }, idempotencyKey: 'once-only' })
    const [first, second] = await Promise.all([share(), share()])
    assert.equal(first.id, second.id)
    assert.equal(await postCount(anna), count + 1)
  })

  test('a mention of nobody, or of somebody behind a block, is plain text', async () => {
    const [carl, dora] = [await kit.person(), await kit.person()]
    const block = (who: Person, whom: Person) =>
      who.call('PUT /api/users/:username/block', { params: { username: whom.user.username } })
    await block(carl, anna)
    await block(anna, dora)
    const caption = `@nobody_here @${carl.user.username} @${dora.user.username} @ben`
    const post = await kit.post(anna, { caption })
    assert.deepEqual(
      post.entities.map((entity) => entity.value),
      ['ben'],
    )
  })

  test('a mention never loses its person when the name changes', async () => {
    const emil = await kit.person()
    const post = await kit.post(anna, { caption: `hello @${emil.user.username}` })
    const renamed = `${emil.user.username}_new`
    await emil.call('PATCH /api/me', { body: { username: renamed } })
    const [entity] = (await read(ben, post.id)).entities
    assert.equal(entity!.value, renamed)
    assert.equal(entity!.userId, emil.user.id)
    assert.equal(entity!.end - entity!.start, emil.user.username.length + 1)
  })
})

describe('processing', () => {
  async function waitingPost(author: Person, media = 2) {
    const uploads = await Promise.all(Array.from({ length: media }, () => kit.upload(author, 'processing')))
    return await author.call('POST /api/posts', {
      body: { caption: '#waiting', media: uploads.map((uploadId) => ({ uploadId })) },
    })
  }

  test('a post that is not ready is there for its author alone', async () => {
    const post = await waitingPost(anna)
    assert.equal(post.status, 'processing')
    assert.equal(post.publishedAt, null)
    assert.equal((await read(anna, post.id)).status, 'processing')
    assert.equal(await refusal(read(ben, post.id)), 'post.not_found')
    assert.equal(
      await refusal(kit.app.client.call('GET /api/posts/:id', { params: { id: post.id } })),
      'post.not_found',
    )
    const listed = async (reader: Person) =>
      (await reader.call('GET /api/users/:username/posts', { params: { username: 'anna' } })).items.map(
        (item) => item.id,
      )
    assert.ok((await listed(anna)).includes(post.id))
    assert.ok(!(await listed(ben)).includes(post.id))
    assert.equal(
      await refusal(anna.call('PUT /api/posts/:id/like', { params: { id: post.id } })),
      'post.not_ready',
    )
    const tagged = await anna.call('GET /api/tags/:tag/posts', { params: { tag: 'waiting' } })
    assert.deepEqual(tagged.items, [])
  })

  test('a post never stays at processing when its media are done, and is published once', async () => {
    const count = await postCount(anna)
    const post = await waitingPost(anna, 3)
    await kit.finishMedia(post.id, 'ready')
    await kit.app.settle()
    const seen = await read(ben, post.id)
    assert.equal(seen.status, 'ready')
    assert.ok(seen.publishedAt)
    assert.equal(await postCount(anna), count + 1)
    const rows = await kit.app.database.main
      .selectFrom('outboxes')
      .select('feed_id')
      .where('post_id', '=', post.id)
      .execute()
    assert.equal(rows.length, 1)
    const published = await kit.app.database.main
      .selectFrom('events')
      .select('id')
      .where('kind', '=', 'posts.published')
      .where('subject_id', '=', post.id)
      .execute()
    assert.equal(published.length, 1)
  })

  test('media that are ready at the same moment never publish a post twice', async () => {
    const count = await postCount(anna)
    const post = await waitingPost(anna, 10)
    await kit.finishMedia(post.id, 'ready')
    const { jobs } = kit.app
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        jobs.enqueue('posts.settle', { postId: post.id }, { key: `test:${i}:${post.id}` }),
      ),
    )
    await kit.app.settle()
    assert.equal(await postCount(anna), count + 1)
    const [tag] = (await anna.call('GET /api/tags', { query: { prefix: 'waiting' } })).items
    assert.ok(tag)
    const tagged = await anna.call('GET /api/tags/:tag/posts', { params: { tag: 'waiting' } })
    assert.equal(tag.postCount, tagged.items.length)
  })

  test('a post whose event was lost is found by the sweep', async () => {
    const post = await waitingPost(ben)
    const { main } = kit.app.database
    await kit.app.settle()
    await main
      .updateTable('media')
      .set({ processing_status: 'ready' })
      .where('post_id', '=', post.id)
      .execute()
    await main
      .updateTable('posts')
      .set({ created_at: new Date(Date.now() - 600_000) })
      .where('id', '=', post.id)
      .execute()
    await kit.app.settle()
    assert.equal((await read(ben, post.id)).status, 'processing')
    await kit.app.modules.posts.api.sweep.run()
    assert.equal((await read(ben, post.id)).status, 'ready')
  })

  test('a failed post says why, to its author alone, and can be tried again', async () => {
    const post = await waitingPost(ben)
    await kit.finishMedia(post.id, 'failed')
    await kit.app.settle()
    const failed = await read(ben, post.id)
    assert.equal(failed.status, 'failed')
    assert.equal(failed.failure?.code, 'media.corrupt')
    assert.match(failed.failure!.message, /damaged/)
    assert.equal(await refusal(read(anna, post.id)), 'post.not_found')
    const retry = (who: Person) => who.call('POST /api/posts/:id/retry', { params: { id: post.id } })
    assert.equal(await refusal(retry(anna)), 'post.not_found')
    assert.equal((await retry(ben)).status, 'processing')
    assert.equal((await retry(ben)).failure, undefined)
    await kit.finishMedia(post.id, 'ready')
    await kit.app.settle()
    assert.equal((await read(anna, post.id)).status, 'ready')
    assert.equal(await refusal(retry(ben)), 'post.not_failed')
  })

  test('a post whose file will never be one is not tried again', async () => {
    const post = await waitingPost(ben)
    await kit.finishMedia(post.id, 'failed')
    await kit.app.settle()
    await kit.app.database.main
      .updateTable('media')
      .set({ failure_code: 'media.unsupported_format' })
      .where('id', '=', post.media[0]!.id)
      .execute()
    const retry = ben.call('POST /api/posts/:id/retry', { params: { id: post.id } })
    assert.equal(await refusal(retry), 'post.retry_useless')
    assert.equal((await read(ben, post.id)).status, 'failed')
  })

  test('a damaged picture does not keep the others: which it is gets told, and it may be left out', async () => {
    const [fine, second] = [await kit.upload(ben), await kit.upload(ben)]
    const damaged = await kit.upload(ben, 'failed')
    const made = await ben.call('POST /api/posts', {
      body: {
        caption: 'Kept',
        media: [fine, damaged, second].map((uploadId, at) => ({ uploadId, altText: `Number ${at}` })),
      },
    })
    await kit.app.settle()
    const failed = await read(ben, made.id)
    assert.deepEqual(
      [failed.status, failed.media.map(({ failure }) => failure?.code)],
      ['failed', [undefined, 'media.corrupt', undefined]],
    )
    const [first, bad, last] = failed.media.map(({ id }) => ({ id }))
    const keep = (media: { id: string }[]) =>
      ben.call('PATCH /api/posts/:id', { params: { id: made.id }, body: { media } })
    for (const media of [[], [bad!], [first!], [first!, bad!], [first!, first!]])
      assert.equal(await refusal(keep(media)), 'post.media_mismatch', JSON.stringify(media))
    await keep([first!, last!])
    await kit.app.settle()
    const shown = await read(anna, made.id)
    assert.deepEqual(
      [shown.status, shown.caption, shown.editedAt, shown.media.map(({ altText }) => altText)],
      ['ready', 'Kept', null, ['Number 0', 'Number 2']],
    )
    assert.equal(
      await refusal(keep([first!])),
      'post.media_mismatch',
      'of a post that others see nothing is left out',
    )
  })

  test('who shared what is too long is told what would not be', async () => {
    const post = await waitingPost(ben)
    await kit.finishMedia(post.id, 'failed')
    await kit.app.settle()
    const { main } = kit.app.database
    await main
      .updateTable('media')
      .set({ failure_code: 'media.too_large' })
      .where('id', '=', post.media[0]!.id)
      .execute()
    await main
      .updateTable('posts')
      .set({ failure_code: 'media.too_large' })
      .where('id', '=', post.id)
      .execute()
    assert.match((await read(ben, post.id)).failure?.detail ?? '', /^A photograph may have at most \d+ bytes/)
  })

  test('an old date keeps a post out of feeds and in its place on the profile', async () => {
    const old = await kit.post(ben, { displayAt: '2024-05-06T07:08:09Z', caption: '#olddays' })
    assert.equal(old.status, 'ready')
    assert.equal(old.displayAt, '2024-05-06T07:08:09.000Z')
    const fresh = await kit.post(ben, { caption: '#olddays' })
    const feed = await ben.call('GET /api/feed')
    assert.ok(feed.items.some((post) => post.id === fresh.id))
    assert.ok(!feed.items.some((post) => post.id === old.id))
    const ids = (posts: { id: string }[]) => posts.map((post) => post.id)
    const profile = await anna.call('GET /api/users/:username/posts', { params: { username: 'ben' } })
    assert.equal(ids(profile.items).at(0), fresh.id)
    assert.equal(ids(profile.items).at(-1), old.id)
    const tagged = await anna.call('GET /api/tags/:tag/posts', { params: { tag: 'olddays' } })
    assert.deepEqual(ids(tagged.items), [fresh.id, old.id])
  })
})

describe('editing', () => {
  test('changes what is named and leaves the rest, keeping the caption before', async () => {
    const post = await kit.post(anna, { caption: 'first #one #two', media: 2 })
    const edit = (body: object) => anna.call('PATCH /api/posts/:id', { params: { id: post.id }, body })
    const edited = await edit({ caption: 'second #two #three' })
    assert.equal(edited.caption, 'second #two #three')
    assert.ok(edited.editedAt)
    assert.deepEqual(edited.media, post.media)
    const under = async (tag: string) =>
      (await ben.call('GET /api/tags/:tag/posts', { params: { tag } })).items.map((item) => item.id)
    assert.deepEqual(await under('one'), [])
    assert.deepEqual(await under('two'), [post.id])
    assert.deepEqual(await under('three'), [post.id])
    const kept = await kit.app.database.main
      .selectFrom('post_revisions')
      .select('caption')
      .where('post_id', '=', post.id)
      .execute()
    assert.deepEqual(kept, [{ caption: 'first #one #two' }])

    const placed = await edit({ place: { name: ' Ho\u202eme\n' } })
    assert.deepEqual(placed.place, { name: 'Home' })
    assert.equal(placed.caption, 'second #two #three')
    assert.equal((await edit({ place: null })).place, null)
    const [first, second] = post.media
    const described = await edit({ media: [{ id: first!.id, altText: 'new' }, { id: second!.id }] })
    assert.deepEqual(
      described.media.map((medium) => medium.altText),
      ['new', ''],
    )
  })

  test('media must be named completely and once', async () => {
    const post = await kit.post(anna, { media: 2 })
    const other = await kit.post(anna)
    const [a, b] = post.media.map(({ id }) => ({ id }))
    const foreign = { id: other.media[0]!.id }
    for (const media of [[a], [a, a], [a, b, foreign], [a, foreign], [a, b, b]])
      assert.equal(
        await refusal(
          anna.call('PATCH /api/posts/:id', {
            params: { id: post.id },
            body: { media: media as { id: string }[] },
          }),
        ),
        'post.media_mismatch',
      )
  })

  test('another crop is asked of the renditions, the post stays where it is', async () => {
    const post = await kit.post(anna)
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    const cropped = await anna.call('PATCH /api/posts/:id', {
      params: { id: post.id },
      body: { media: [{ id: post.media[0]!.id, crop }] },
    })
    assert.equal(cropped.status, 'ready')
    assert.deepEqual(cropped.media[0]!.crop, crop)
    assert.equal((await read(ben, post.id)).media[0]!.largeUrl !== null, true)
  })

  test('a new crop that fails is never stuck and silent', async () => {
    const post = await kit.post(anna)
    const medium = post.media[0]!
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    const params = { id: post.id }
    const recrop = () =>
      anna.call('PATCH /api/posts/:id', { params, body: { media: [{ id: medium.id, crop }] } })
    const statusOf = async () => {
      const query = kit.app.database.main.selectFrom('media').select('processing_status')
      return (await query.where('id', '=', medium.id).executeTakeFirstOrThrow()).processing_status
    }
    const ways = {
      'the same crop': recrop,
      'a retry': () => anna.call('POST /api/posts/:id/retry', { params }),
    }
    await recrop()
    for (const [way, again] of Object.entries(ways)) {
      await kit.finishMedia(post.id, 'failed')
      const failed = await read(anna, post.id)
      assert.deepEqual([failed.status, failed.failure?.code], ['ready', 'media.corrupt'], 'the owner is told')
      assert.equal((await read(ben, post.id)).failure, undefined, 'and nobody else')
      const asked = await again()
      assert.equal(await statusOf(), 'processing', `${way} tries again`)
      assert.deepEqual([asked.status, asked.failure], ['ready', undefined])
    }
    await kit.finishMedia(post.id, 'ready')
    assert.deepEqual([await statusOf(), (await read(anna, post.id)).failure], ['ready', undefined])
  })

  test('nobody edits, retries or deletes the post of another', async () => {
    const { id } = await kit.post(anna)
    const params = { id }
    assert.equal(
      await refusal(ben.call('PATCH /api/posts/:id', { params, body: { caption: 'x' } })),
      'post.not_found',
    )
    assert.equal(await refusal(ben.call('DELETE /api/posts/:id', { params })), 'post.not_found')
    assert.equal(await refusal(ben.call('POST /api/posts/:id/retry', { params })), 'post.not_found')
    assert.equal((await read(ben, id)).caption, '')
  })
})

describe('deleting', () => {
  test('a deleted post is nowhere at once, and nothing of it stays', async () => {
    const count = await postCount(anna)
    const { id, media } = await kit.post(anna, { caption: '#gone' })
    const params = { id }
    await ben.call('PUT /api/posts/:id/like', { params })
    await ben.call('PUT /api/posts/:id/save', { params })
    await ben.call('POST /api/posts/:id/shares', { params })
    const comment = await ben.call('POST /api/posts/:id/comments', { params, body: { text: 'hi' } })
    await anna.call('POST /api/posts/:id/comments', { params, body: { text: 'ho', parentId: comment.id } })
    await anna.call('PATCH /api/posts/:id', { params, body: { caption: '#gone away' } })
    await anna.call('DELETE /api/posts/:id', { params })

    for (const reader of [anna, ben]) assert.equal(await refusal(read(reader, id)), 'post.not_found')
    assert.equal(await refusal(anna.call('DELETE /api/posts/:id', { params })), 'post.not_found')
    assert.equal(await refusal(ben.call('PUT /api/posts/:id/like', { params })), 'post.not_found')
    assert.equal(await refusal(ben.call('GET /api/posts/:id/comments', { params })), 'post.not_found')
    const lists = await Promise.all([
      ben.call('GET /api/me/likes'),
      ben.call('GET /api/me/saved'),
      anna.call('GET /api/feed'),
      anna.call('GET /api/tags/:tag/posts', { params: { tag: 'gone' } }),
      anna.call('GET /api/users/:username/posts', { params: { username: 'anna' } }),
    ])
    for (const { items } of lists) assert.ok(!items.some((post) => post.id === id))
    assert.deepEqual((await anna.call('GET /api/tags', { query: { prefix: 'gone' } })).items, [])
    assert.equal(await postCount(anna), count)
    const { main } = kit.app.database
    const revoked = await main
      .selectFrom('media')
      .select('revoked_at')
      .where('id', '=', media[0]!.id)
      .execute()
    assert.ok(revoked.every((row) => row.revoked_at !== null))

    await kit.app.settle()
    const tables = ['post_media', 'post_counts', 'likes', 'comments', 'shares', 'post_revisions'] as const
    for (const table of [...tables, 'likes_given', 'saves', 'hashtag_posts', 'outboxes'] as const) {
      const rows = await main.selectFrom(table).select('post_id').where('post_id', '=', id).execute()
      assert.deepEqual(rows, [], table)
    }
    assert.deepEqual(await main.selectFrom('posts').select('id').where('id', '=', id).execute(), [])
  })

  test('a post that was deleted while it was prepared never appears', async () => {
    const uploadId = await kit.upload(anna, 'processing')
    const count = await postCount(anna)
    const post = await anna.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await anna.call('DELETE /api/posts/:id', { params: { id: post.id } })
    await kit.finishMedia(post.id, 'ready')
    await kit.app.settle()
    assert.equal(await refusal(read(anna, post.id)), 'post.not_found')
    assert.equal(await postCount(anna), count)
  })
})

test('an id that is none is refused before it is looked for', async () => {
  for (const id of ['0', 'abc', '-1', '1.5', '9223372036854775808', '99999999999999999999'])
    assert.equal(await refusal(read(anna, id)), 'request.invalid', id)
  assert.equal(await refusal(read(anna, '9223372036854775807')), 'post.not_found')
})
