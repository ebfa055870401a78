import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Conversation } from '@heliograph/contract/messages'
import { titleOf } from './who.ts'

function groupOf(...usernames: string[]): Conversation {
  const members = usernames.map((username, at) => ({
    userId: String(at + 1),
    user: { id: String(at + 1), username, fullName: '', avatarUrl: null, isVerified: false },
  }))
  return { kind: 'group', name: null, members } as unknown as Conversation
}

test('the names of a group without one do not run into each other', () => {
  assert.equal(titleOf(groupOf('ana', 'ben')), 'ana, ben')
})
