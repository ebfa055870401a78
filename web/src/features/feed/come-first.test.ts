import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Post } from '@heliograph/contract/posts'
import { endBehindFirsts, withFirsts } from './come-first.ts'

const now = Date.parse('2026-11-26T12:00:00Z')
const post = (id: string, minutesAgo: number, by = 'other') =>
  ({ id, author: { id: by }, publishedAt: new Date(now - minutesAgo * 60_000).toISOString() }) as Post
const idsOf = (posts: readonly Post[]) => posts.map(({ id }) => id).join('')
const order = (page: readonly Post[], announced: readonly Post[] = []) =>
  withFirsts(page, { announced, ownerId: 'me', now })

test('what was announced stands first, the newest before the others, and nothing twice', () => {
  const page = [post('a', 90), post('b', 2), post('c', 60)]
  assert.equal(idsOf(order(page, [post('b', 2), post('d', 1)])), 'dbac')
  assert.equal(idsOf(order(page)), 'abc')
})

test('what one has just shared stands first too, for ten minutes', () => {
  const page = [post('a', 90), post('b', 60), post('m', 3, 'me'), post('o', 30, 'me')]
  assert.equal(idsOf(order(page)), 'mabo')
  assert.equal(idsOf(order(page, [post('d', 1)])), 'dmabo')
})

test('the end of what is new stays behind all of it', () => {
  const page = [post('a', 90), post('b', 2), post('c', 60)]
  assert.equal(endBehindFirsts('b', page, order(page, [post('b', 2)])), 'a')
  assert.equal(endBehindFirsts('c', page, order(page, [post('d', 1)])), 'c')
  assert.equal(endBehindFirsts('a', [post('a', 2)], order([post('a', 2)], [post('a', 2)])), 'a')
  assert.equal(endBehindFirsts(null, page, page), null)
})
