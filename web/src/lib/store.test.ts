import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Post } from '@heliograph/contract/posts'
import {
  clearStore,
  dropAuthor,
  findUserId,
  patchPost,
  postSignal,
  putPost,
  putUser,
  userSignal,
} from './store.ts'

const author = { id: '9', username: 'ada', fullName: 'Ada', avatarUrl: null, isVerified: false }

function post(id: string, likeCount = 0): Post {
  return {
    id,
    author,
    caption: '',
    entities: [],
    place: null,
    audience: 'public',
    createdAt: '2026-01-01T00:00:00.000Z',
    publishedAt: null,
    displayAt: '2026-01-01T00:00:00.000Z',
    editedAt: null,
    status: 'ready',
    sensitive: false,
    showMetadata: false,
    likeCount,
    likeCountHidden: false,
    commentsOff: false,
    commentCount: 0,
    shareCount: 0,
    liked: false,
    saved: false,
    newestComments: [],
    media: [],
  }
}

test('one post is one thing, wherever it is shown', () => {
  const seen = postSignal('1')
  putPost(post('1', 3))
  assert.equal(seen.value?.likeCount, 3)
  patchPost('1', (before) => ({ likeCount: before.likeCount + 1 }))
  assert.equal(seen.value?.likeCount, 4)
})

test('a change to a post that is gone does not bring it back', () => {
  putPost(post('2'))
  assert.deepEqual(dropAuthor('9').sort(), ['1', '2'])
  patchPost('2', { liked: true })
  assert.equal(postSignal('2').value, null)
})

test('a summary beside a post does not wipe out the profile', () => {
  putUser({ ...author, isPrivate: true, relationship: null })
  putPost(post('3'))
  assert.equal(userSignal('9').value?.isPrivate, true)
  assert.equal(findUserId('ADA'), '9')
})

test('nothing of one person is left for the next', () => {
  const seen = postSignal('3')
  clearStore()
  assert.equal(seen.value, undefined)
  assert.equal(findUserId('ada'), undefined)
})
