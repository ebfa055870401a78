import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { buildCardBytes, type CardBytes, putCount, putTrue } from './card-bytes.ts'

const counts = fc.record({
  likes: fc.nat(99_999),
  comments: fc.nat(99_999),
  shares: fc.nat(99_999),
})

interface Shown {
  id: string
  likeCount: number
  commentCount: number
  shareCount: number
  liked: boolean
  saved: boolean
  newestComments: { text: string; canDelete: boolean }[]
  media: string[]
}

const read = ({ bytes }: CardBytes) => JSON.parse(`${bytes}}`) as Shown

test('counts and flags are put right in place, and what outgrows its place says so and breaks nothing', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 2 })
  fc.assert(
    fc.property(counts, counts, texts, fc.boolean(), (before, later, comments, canDelete) => {
      const card = buildCardBytes({
        head: '{"id":"größer 🜚","likeCount":',
        likesHidden: false,
        ...before,
        newestComments: comments.map((text) => `{"text":${JSON.stringify(text)},"canDelete":`),
        canDelete,
        tail: '],"media":["ä"]',
      })
      const shown = read(card)
      assert.deepEqual(
        [shown.likeCount, shown.commentCount, shown.shareCount],
        [before.likes, before.comments, before.shares],
      )
      assert.deepEqual(
        shown.newestComments,
        comments.map((text) => ({ text, canDelete })),
      )
      for (const [name, field] of [
        ['likes', 'likeCount'],
        ['comments', 'commentCount'],
        ['shares', 'shareCount'],
      ] as const) {
        const fits = putCount(card.bytes, card[name], later[name])
        assert.equal(fits, String(later[name]).length <= Math.max(4, String(before[name]).length + 1))
        assert.equal(read(card)[field], fits ? later[name] : before[name])
      }
      putTrue(card.bytes, card.likedAt)
      putTrue(card.bytes, card.savedAt)
      if (!canDelete) for (const at of card.canDeleteAt) putTrue(card.bytes, at)
      const all = read(card)
      assert.deepEqual([all.liked, all.saved, all.id, all.media], [true, true, 'größer 🜚', ['ä']])
      assert.ok(all.newestComments.every((comment) => comment.canDelete))
    }),
  )
})
