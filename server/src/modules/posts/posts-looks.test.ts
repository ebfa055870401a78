import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { filters } from '@heliograph/contract/filters'
import { createPostsKit, type Person, type PostsKit } from '../../../test/helpers/posts-kit.ts'

let kit: PostsKit
let anna: Person
let ben: Person

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  ben = await kit.person('ben')
})
after(() => kit[Symbol.asyncDispose]())

const read = (reader: Person, id: string) => reader.call('GET /api/posts/:id', { params: { id } })

/** Also what the types forbid. */
async function patch(person: Person, id: string, media: object) {
  const response = await fetch(new URL(`/api/posts/${id}`, kit.app.url), {
    method: 'PATCH',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ media: [media] }),
  })
  return { status: response.status, body: (await response.json()) as { code?: string } }
}

describe('filter and edits of a post', () => {
  test('are known to the owner alone', async () => {
    const uploadId = await kit.upload(anna)
    const edits = { brightness: 12, straighten: -2.5, strength: 70 }
    const { id } = await anna.call('POST /api/posts', {
      body: { media: [{ uploadId, filter: 'golden', edits }] },
    })
    await kit.finishMedia(id, 'ready')
    await kit.app.events.settle()
    await kit.app.jobs.drain()
    const mine = (await read(anna, id)).media[0]!
    assert.deepEqual([mine.filter, mine.edits, mine.crop], ['golden', edits, null])
    const theirs = (await read(ben, id)).media[0]!
    for (const key of ['filter', 'edits', 'crop', 'originalUrl']) assert.ok(!(key in theirs), key)
  })

  test('wait for their renditions before anyone sees the post', async () => {
    const uploadId = await kit.upload(anna)
    const post = await anna.call('POST /api/posts', { body: { media: [{ uploadId, filter: 'noon' }] } })
    assert.equal(post.status, 'processing', 'the plain picture is not what was shared')
  })

  test('are changed, taken back with null and left alone when not named', async () => {
    const post = await kit.post(anna)
    const { id } = post.media[0]!
    const change = async (media: object) => {
      const { status } = await patch(anna, post.id, { id, ...media })
      assert.equal(status, 200)
      const { filter, edits, altText } = (await read(anna, post.id)).media[0]!
      return { filter, edits, altText }
    }
    assert.deepEqual(await change({ filter: 'haze', edits: { contrast: 8 } }), {
      filter: 'haze',
      edits: { contrast: 8 },
      altText: '',
    })
    assert.deepEqual(await change({ altText: 'A door' }), {
      filter: 'haze',
      edits: { contrast: 8 },
      altText: 'A door',
    })
    assert.deepEqual(await change({ filter: null }), {
      filter: null,
      edits: { contrast: 8 },
      altText: 'A door',
    })
    assert.deepEqual(await change({ edits: null }), { filter: null, edits: null, altText: 'A door' })
    assert.equal((await read(ben, post.id)).status, 'ready')
  })

  test('that nobody knows or that go too far are refused, and nothing changes', async () => {
    const post = await kit.post(anna)
    const { id } = post.media[0]!
    const refused = [
      { filter: 'clarendon' },
      { filter: '' },
      { edits: { brightness: 101 } },
      { edits: { straighten: -26 } },
      { edits: { sharpen: -1 } },
      { edits: { strength: '50' } },
      { edits: { hue: 10 } },
      { edits: [] },
    ]
    for (const media of refused) {
      const { status, body } = await patch(anna, post.id, { id, ...media })
      assert.deepEqual([status, body.code], [400, 'request.invalid'], JSON.stringify(media))
    }
    const { filter, edits } = (await read(anna, post.id)).media[0]!
    assert.deepEqual([filter, edits], [null, null])
  })

  test('are among the capabilities by id and name', async () => {
    const told = await anna.call('GET /api/capabilities')
    assert.deepEqual(
      told.filters,
      filters.map(({ id, name }) => ({ id, name })),
    )
  })
})
