import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  collect,
  createPostsKit,
  type Person,
  type PostsKit,
  refusal,
} from '../../../../test/helpers/posts-kit.ts'

let kit: PostsKit
let anna: Person
let ben: Person
let carl: Person

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  ben = await kit.person('ben')
  carl = await kit.person('carl')
})
after(() => kit[Symbol.asyncDispose]())

const say = (who: Person, id: string, text: string, parentId?: string) =>
  who.call('POST /api/posts/:id/comments', { params: { id }, body: { text, parentId } })
const remove = (who: Person, id: string, commentId: string) =>
  who.call('DELETE /api/posts/:id/comments/:commentId', { params: { id, commentId } })
const read = (who: Person, id: string) => who.call('GET /api/posts/:id', { params: { id } })

async function textsOf(who: Person, id: string, parentId?: string): Promise<string[]> {
  const list = who.all('GET /api/posts/:id/comments', { params: { id }, query: { limit: 2, parentId } })
  return (await collect(list)).map((comment) => comment.text)
}

describe('comments', () => {
  test('stand newest first, their replies oldest first, and a reply to a reply under the top one', async () => {
    const { id } = await kit.post(anna)
    const first = await say(ben, id, 'first')
    await say(ben, id, 'second')
    await say(ben, id, 'third')
    const reply = await say(anna, id, 'a reply', first.id)
    const deeper = await say(carl, id, 'a reply to the reply', reply.id)
    assert.equal(deeper.parentId, first.id)
    await say(ben, id, 'and one more', deeper.id)
    assert.deepEqual(await textsOf(carl, id), ['third', 'second', 'first'])
    assert.deepEqual(await textsOf(carl, id, first.id), ['a reply', 'a reply to the reply', 'and one more'])
    const post = await read(carl, id)
    assert.equal(post.commentCount, 6)
    assert.deepEqual(
      post.newestComments.map((comment) => comment.text),
      ['third', 'second'],
    )
    const listed = await carl.call('GET /api/posts/:id/comments', { params: { id } })
    assert.equal(listed.items.at(-1)!.replyCount, 3)
  })

  test('carry links', async () => {
    const { id } = await kit.post(anna)
    const comment = await say(ben, id, '@carl #Sun')
    assert.deepEqual(comment.entities, [
      { kind: 'mention', start: 0, end: 5, value: 'carl', userId: carl.user.id },
      { kind: 'hashtag', start: 6, end: 10, value: 'sun' },
    ])
    const tagged = await ben.call('GET /api/tags/:tag/posts', { params: { tag: 'sun' } })
    assert.deepEqual(tagged.items, [], 'a hashtag in a comment does not put the post under it')
  })

  test('deleting a top comment takes its replies, and the count falls by all', async () => {
    const { id } = await kit.post(anna)
    const top = await say(ben, id, 'top')
    await say(carl, id, 'reply', top.id)
    const reply = await say(ben, id, 'reply', top.id)
    await say(carl, id, 'stays')
    await remove(ben, id, reply.id)
    assert.equal((await read(anna, id)).commentCount, 3)
    assert.equal((await anna.call('GET /api/posts/:id/comments', { params: { id } })).items[1]!.replyCount, 1)
    await remove(ben, id, top.id)
    assert.equal((await read(anna, id)).commentCount, 1)
    assert.deepEqual(await textsOf(anna, id), ['stays'])
    assert.equal(await refusal(remove(ben, id, top.id)), 'comment.not_found')
    assert.equal(await refusal(say(ben, id, 'late', top.id)), 'comment.not_found')
    assert.equal(await refusal(textsOf(ben, id, top.id)), 'comment.not_found')
  })

  test('may be deleted by who wrote it and by the post’s owner, and by nobody else', async () => {
    const { id } = await kit.post(anna)
    const one = await say(ben, id, 'one')
    const two = await say(ben, id, 'two')
    assert.equal(await refusal(remove(carl, id, one.id)), 'comment.not_found')
    const flags = async (who: Person) =>
      (await who.call('GET /api/posts/:id/comments', { params: { id } })).items.map((item) => item.canDelete)
    assert.deepEqual(await flags(carl), [false, false])
    assert.deepEqual(await flags(ben), [true, true])
    assert.deepEqual(await flags(anna), [true, true])
    await remove(ben, id, one.id)
    await remove(anna, id, two.id)
    assert.equal((await read(carl, id)).commentCount, 0)
  })

  test('a comment is never reached under another post', async () => {
    const [mine, other] = [await kit.post(anna), await kit.post(anna)]
    const comment = await say(ben, mine.id, 'here')
    assert.equal(await refusal(remove(ben, other.id, comment.id)), 'comment.not_found')
    assert.equal(await refusal(say(ben, other.id, 'there', comment.id)), 'comment.not_found')
  })

  test('answering while the comment is deleted never leaves an orphan or a wrong count', async () => {
    const { id } = await kit.post(anna)
    for (let round = 0; round < 5; round++) {
      const top = await say(ben, id, 'top')
      const answers = Array.from({ length: 8 }, (_, i) => refusal(say(carl, id, `${i}`, top.id)))
      await Promise.all([...answers, remove(anna, id, top.id)])
    }
    const rows = await kit.app.database.main
      .selectFrom('comments')
      .select('id')
      .where('post_id', '=', id)
      .execute()
    assert.equal(rows.length, 0)
    assert.equal((await read(anna, id)).commentCount, 0)
  })

  test('many at once are all counted', async () => {
    const { id } = await kit.post(anna)
    const top = await say(ben, id, 'top')
    await Promise.all(Array.from({ length: 20 }, (_, i) => say(i % 2 ? ben : carl, id, `${i}`, top.id)))
    assert.equal((await read(anna, id)).commentCount, 21)
    assert.equal(
      (await anna.call('GET /api/posts/:id/comments', { params: { id } })).items[0]!.replyCount,
      20,
    )
  })

  test('of somebody behind a block are not shown, and still counted', async () => {
    const { id } = await kit.post(anna)
    const dora = await kit.person()
    await say(ben, id, 'from ben')
    const hidden = await say(dora, id, 'from dora')
    await say(dora, id, 'again')
    await ben.call('PUT /api/users/:username/block', { params: { username: dora.user.username } })
    for (const reader of [ben]) {
      assert.deepEqual(await textsOf(reader, id), ['from ben'])
      const post = await read(reader, id)
      assert.deepEqual(
        post.newestComments.map((comment) => comment.text),
        ['from ben'],
      )
      assert.equal(post.commentCount, 3)
      assert.equal(await refusal(say(reader, id, 'answer', hidden.id)), 'comment.not_found')
    }
    assert.deepEqual(await textsOf(dora, id), ['again', 'from dora'])
    assert.deepEqual(await textsOf(carl, id), ['again', 'from dora', 'from ben'])
  })

  test('one Idempotency-Key twice makes one comment', async () => {
    const { id } = await kit.post(anna)
    const ask = () =>
      ben.call('POST /api/posts/:id/comments', {
        params: { id },
        body: { text: 'once' },
        idempotencyKey: 'comment-once',
      })
    const [first, second] = await Promise.all([ask(), ask()])
    assert.equal(first.id, second.id)
    assert.equal((await read(anna, id)).commentCount, 1)
  })

  test('must say something, and not too much', async () => {
    const { id } = await kit.post(anna)
    for (const text of ['', '  \n ', 'x'.repeat(1001), 'a\u0000b'])
      assert.equal(await refusal(say(ben, id, text)), 'request.invalid')
    assert.equal(await refusal(say(ben, id, '😀'.repeat(1000))), 'none')
    assert.equal(await refusal(say(ben, id, '\u202e\u0007')), 'request.invalid')
    assert.equal((await say(ben, id, 'a\u202eb\u001b[31m')).text, 'ab[31m', 'nor turn what stands beside it')
  })
})
