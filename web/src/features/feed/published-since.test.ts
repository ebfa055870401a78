import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Post } from '@heliograph/contract/posts'
import { publishedSince } from './published-since.ts'

const readAt = Date.parse('2026-11-26T12:00:00Z')
const asOf = new Date(readAt).toISOString()
const post = (id: string, secondsLater: number) =>
  ({ id, publishedAt: new Date(readAt + secondsLater * 1000).toISOString() }) as Post
const idsOf = (posts: readonly Post[]) => posts.map(({ id }) => id).join('')

test('posts that were there when a ranked feed was read are never new, also when it shows only older ones', () => {
  const newest = [post('c', -60), post('b', -120), post('a', -3600)]
  assert.equal(idsOf(publishedSince(newest, { asOf, shownIds: ['a'] })), '')
  assert.equal(idsOf(publishedSince(newest, { asOf, shownIds: [] })), '')
})

test('what was published while the line was down is not kept back, nor is what one shared oneself meanwhile', () => {
  const newest = [post('m', 30), post('e', 20), post('d', 10), post('c', -60)]
  assert.equal(idsOf(publishedSince(newest, { asOf, shownIds: ['a', 'm'] })), 'ed')
})

test('a post dated just before the reading, and too late for it, is not lost; one that came with it is none', () => {
  assert.equal(idsOf(publishedSince([post('d', -0.5)], { asOf, shownIds: [] })), 'd')
  assert.equal(idsOf(publishedSince([post('d', -0.5)], { asOf, shownIds: ['d'] })), '')
})

test('a post that is not published is not announced', () => {
  assert.deepEqual(publishedSince([{ ...post('d', 1), publishedAt: null }], { asOf, shownIds: [] }), [])
})
