import { createHash } from 'node:crypto'
import type { AccountRow } from '#modules/accounts'
import type { CaseRow } from './moderation-cases.ts'

/**
 * Of what a case shows: what the server noticed, and the subject as it is. A post tells its own; what a comment says is
 * never changed.
 */
export function versionOf(
  { findings }: Pick<CaseRow, 'findings'>,
  subject: AccountRow | string | undefined,
): string {
  const shown = typeof subject === 'object' ? [wordsOf(subject), subject.avatarKey] : subject
  return digestOf([findings, shown])
}

/** All that somebody wrote about themselves. */
export function wordsOf({ username, fullName, bio }: Pick<AccountRow, 'username' | 'fullName' | 'bio'>) {
  return { username, fullName, bio }
}

/** By field: to know approved words again. */
export function digestsOf(words: ReturnType<typeof wordsOf>): Record<string, string> {
  return Object.fromEntries(Object.entries(words).map(([field, text]) => [field, digestOf(text)]))
}

function digestOf(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22)
}
