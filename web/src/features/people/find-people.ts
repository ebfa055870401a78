import type { UserListItem } from '@heliograph/contract/accounts'
import { limits } from '@heliograph/contract/limits'
import { call } from '../../lib/api.ts'

/** By the beginning of their name, written with or without the sign in front. */
export async function findPeople(words: string, signal: AbortSignal): Promise<readonly UserListItem[]> {
  const prefix = words.replace(/^@/, '').slice(0, limits.usernameLength)
  if (prefix === '') return []
  return (await call('GET /api/users', { query: { prefix }, signal })).items
}
