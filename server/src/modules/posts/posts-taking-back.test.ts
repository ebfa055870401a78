import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../test/helpers/posts-kit.ts'

let kit: PostsKit
let ben: Person
let carl: Person

before(async () => {
  kit = await createPostsKit()
  ben = await kit.person('ben')
  carl = await kit.person('carl')
})
after(() => kit[Symbol.asyncDispose]())

const unlike = (who: Person, id: string) => who.call('DELETE /api/posts/:id/like', { params: { id } })
const unsave = (who: Person, id: string) => who.call('DELETE /api/posts/:id/save', { params: { id } })
const remove = (who: Person, id: string, commentId: string) =>
  who.call('DELETE /api/posts/:id/comments/:commentId', { params: { id, commentId } })

/** Ben likes, saves and comments; Carl likes as well; then the author takes sight away. */
async function markedPost(takeAway: (author: Person) => Promise<unknown>) {
  const author = await kit.person()
  const { id } = await kit.post(author)
  for (const who of [ben, carl]) await who.call('PUT /api/posts/:id/like', { params: { id } })
  await ben.call('PUT /api/posts/:id/save', { params: { id } })
  const said = await ben.call('POST /api/posts/:id/comments', { params: { id }, body: { text: 'hello' } })
  const other = await author.call('POST /api/posts/:id/comments', {
    params: { id },
    body: { text: 'thanks' },
  })
  await takeAway(author)
  return { author, id, commentId: said.id, otherId: other.id }
}

const waysToTakeAway: Record<string, (author: Person) => Promise<unknown>> = {
  'going private': (author) => author.call('PATCH /api/me', { body: { isPrivate: true } }),
  'a block': (author) => author.call('PUT /api/users/:username/block', { params: { username: 'ben' } }),
}

describe('sight that is taken away', () => {
  for (const [how, takeAway] of Object.entries(waysToTakeAway)) {
    test(`${how} does not keep somebody’s like, save and words for ever`, async () => {
      const { author, id, commentId } = await markedPost(takeAway)
      assert.equal(await refusal(ben.call('GET /api/posts/:id', { params: { id } })), 'post.not_found')
      const answer = await unlike(ben, id)
      assert.deepEqual(answer, { liked: false, likeCount: 0 }, 'and Carl’s like is not told of')
      assert.deepEqual(await unsave(ben, id), { saved: false })
      await remove(ben, id, commentId)
      const post = await author.call('GET /api/posts/:id', { params: { id } })
      assert.deepEqual([post.likeCount, post.commentCount], [1, 1])
    })

    test(`${how} does not let on by the way back what is there`, async () => {
      const { id, commentId, otherId } = await markedPost(takeAway)
      const dora = await kit.person()
      const { id: absent } = await kit.post(dora)
      await dora.call('DELETE /api/posts/:id', { params: { id: absent } })
      await unlike(ben, id)
      await unsave(ben, id)
      for (const post of [id, absent]) {
        assert.equal(await refusal(unlike(ben, post)), 'post.not_found')
        assert.equal(await refusal(unsave(ben, post)), 'post.not_found')
        assert.equal(await refusal(remove(ben, post, otherId)), 'post.not_found')
      }
      await remove(ben, id, commentId)
      assert.equal(await refusal(remove(ben, id, commentId)), 'post.not_found')
      if (how === 'going private') assert.equal(await refusal(remove(dora, id, otherId)), 'post.not_found')
    })
  }
})
