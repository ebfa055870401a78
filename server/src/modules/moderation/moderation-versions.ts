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
  const shown = typeof subject === 'object' ? wordsOf(subject) : subject
  return createHash('sha256')
    .update(JSON.stringify([findings, shown]))
    .digest('base64url')
    .slice(0, 22)
}

function wordsOf({ username, fullName, bio, avatarKey }: AccountRow): unknown {
  return [username, fullName, bio, avatarKey]
}
