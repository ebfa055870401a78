import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../test/helpers/posts-kit.ts'

let kit: PostsKit
let people: Person[]

before(async () => {
  kit = await createPostsKit()
  people = await kit.people(4)
})
after(() => kit[Symbol.asyncDispose]())

const tags = ['apple', 'birch', 'cedar', 'dill', 'elder', 'fern']
const kinds = [
  'like',
  'unlike',
  'comment',
  'uncomment',
  'share',
  'save',
  'edit',
  'delete',
  'publish',
] as const

interface Act {
  kind: (typeof kinds)[number]
  who: number
  post: number
  tags: string[]
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom(...kinds),
  who: fc.nat({ max: 3 }),
  post: fc.nat({ max: 3 }),
  tags: fc.shuffledSubarray(tags),
})

test('all kinds of writing at once never break a counter, an outbox or a page, and nothing fails', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 40 }), async (acts) => {
      const posts = await Promise.all(
        people.map(async (author) => ({
          author,
          id: (await kit.post(author, { caption: '#apple #fern' })).id,
        })),
      )
      const outcomes = await Promise.all(acts.map((each) => refusal(perform(each, posts))))
      assert.deepEqual(
        [...new Set(outcomes)].filter((code) => !expected.has(code)),
        [],
      )
      await kit.app.settle()
      await everythingAgrees()
    }),
    { numRuns: 6, endOnFailure: true },
  )
})

/** A post may be gone by the time it is its turn; nothing else may go wrong. */
const expected = new Set(['none', 'post.not_found', 'comment.not_found', 'post.not_ready'])

async function perform(
  { kind, who, post, tags: wanted }: Act,
  posts: readonly { id: string; author: Person }[],
): Promise<unknown> {
  const person = people[who]!
  const { id, author } = posts[post]!
  const params = { id }
  const caption = wanted.map((tag) => `#${tag}`).join(' ')
  switch (kind) {
    case 'like':
      return await person.call('PUT /api/posts/:id/like', { params })
    case 'unlike':
      return await person.call('DELETE /api/posts/:id/like', { params })
    case 'share':
      return await person.call('POST /api/posts/:id/shares', { params })
    case 'save':
      return await person.call('PUT /api/posts/:id/save', { params })
    case 'comment':
      return await person.call('POST /api/posts/:id/comments', { params, body: { text: caption || 'x' } })
    case 'uncomment': {
      const { items } = await author.call('GET /api/posts/:id/comments', { params })
      const commentId = items[0]?.id
      if (commentId === undefined) return
      return await author.call('DELETE /api/posts/:id/comments/:commentId', { params: { id, commentId } })
    }
    case 'edit':
      return await author.call('PATCH /api/posts/:id', { params, body: { caption } })
    case 'delete':
      return await author.call('DELETE /api/posts/:id', { params })
    case 'publish':
      return await kit.post(person, { caption })
  }
}

async function everythingAgrees(): Promise<void> {
  const { posts, feed } = kit.app.modules
  const { recount, reconcileMarks } = posts.api
  for (const prove of [recount.postCounts, recount.hashtags, recount.accounts])
    assert.equal((await prove()).repaired, 0)
  assert.deepEqual(await reconcileMarks(), { added: 0, removed: 0 })
  assert.deepEqual(await feed.api.reconcileOutboxes(), { added: 0, removed: 0 })
  const { main } = kit.app.database
  const [tagged, written] = await Promise.all([
    main.selectFrom('hashtag_posts').select(['tag', 'post_id']).execute(),
    main.selectFrom('posts').select(['id', 'entities']).where('status', '=', 'ready').execute(),
  ])
  const wanted = written.flatMap(({ id, entities }) => entities.map((entity) => `${entity.value} ${id}`))
  assert.deepEqual(tagged.map(({ tag, post_id }) => `${tag} ${post_id}`).toSorted(), wanted.toSorted())
}
