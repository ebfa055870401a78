import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SignUpBody } from '@heliograph/contract/accounts'
import { IdParams, PageQuery } from '@heliograph/contract/common'
import { NewMessage } from '@heliograph/contract/messages'
import { Crop, NewPost } from '@heliograph/contract/posts'
import { SentSignal } from '@heliograph/contract/signals'
import { NewOverlay } from '@heliograph/contract/stories'
import type { z } from 'zod'
import { issueWords } from './issue-words.ts'

function wordsFor(schema: z.ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value)
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issueWords(issue)}`)
}

test('what is wrong is not said in the words of a library', () => {
  assert.deepEqual(wordsFor(PageQuery, { limit: 51 }), ['limit must be at most 50'])
  assert.deepEqual(wordsFor(PageQuery, { limit: 0 }), ['limit must be at least 1'])
  const person = { username: 'ana', email: 'ana@example.com' }
  assert.deepEqual(wordsFor(SignUpBody, { ...person, password: 'short' }), [
    'password must have at least 8 characters',
  ])
  assert.deepEqual(wordsFor(SignUpBody, person), ['password is needed'])
  assert.deepEqual(wordsFor(SignUpBody, { ...person, password: 3 }), ['password must be a text'])
  assert.deepEqual(wordsFor(Crop, { x: 0, y: 0, width: 'a', height: 1 }), ['width must be a number'])
  assert.deepEqual(
    wordsFor(NewPost, { media: [], audience: 'nobody' })[0],
    'audience must be one of: public, followers, close_friends',
  )
  assert.match(wordsFor(NewPost, { media: [{ uploadId: '1' }], displayAt: 'x' })[0] ?? '', /must be a time/)
  const signal = { id: 'a', kind: 'session', at: '0001-01-01T00:00:00Z' }
  assert.deepEqual(wordsFor(SentSignal, signal), [
    'at must be a time in UTC with milliseconds, like 2026-01-31T12:00:00.000Z',
  ])
  assert.deepEqual(wordsFor(NewOverlay, { kind: 'drum', x: 0.5, y: 0.5 }), [
    'kind must be one of: text, mention, hashtag, place, post',
  ])
  const clientId = 'made-by-an-app'
  assert.deepEqual(wordsFor(NewMessage, { clientId, attachments: [{ type: 'drum' }] }), [
    'attachments.0.type must be one of: media, post, profile, story',
  ])
  for (const length of [2001, 100_000])
    assert.deepEqual(wordsFor(NewMessage, { clientId, text: 'x'.repeat(length) }), [
      'text must have at most 2000 characters',
    ])
  for (const id of ['9'.repeat(19), '9'.repeat(40), 'five', '0'])
    assert.deepEqual(wordsFor(IdParams, { id }), [
      'id must be an id (decimal digits, at most 9223372036854775807)',
    ])
})
