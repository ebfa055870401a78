import type { Role } from '@heliograph/contract/roles'
import { requireAbove } from '#modules/accounts'
import { requireRank } from '#modules/admin'
import type { RequestRow } from './verification-tables.ts'

const day = 24 * 60 * 60 * 1000

/** So long after the decision what is private in a request is erased: until then it can be looked at again. */
export const evidenceMs = 30 * day
/** After a refusal, or when an admin took the mark away. */
const waitMs = 30 * day

/** Whoever withdraws can ask again at once, so often in a day. */
const asksPerDay = 3

/** When the person may ask again, from the newest of their requests; null: at once. */
export function mayAskAt(newest: readonly RequestRow[], now: number): Date | null {
  const [last] = newest
  const isTurnedDown = last?.state === 'refused' || last?.state === 'revoked'
  const decidedAt = isTurnedDown ? (last.decided_at?.getTime() ?? 0) + waitMs : 0
  const askedAt = (newest[asksPerDay - 1]?.created_at.getTime() ?? -day) + day
  const at = Math.max(decidedAt, askedAt)
  return at > now ? new Date(at) : null
}

/** So many are looked at by `mayAskAt`. */
export const newestLooked = asksPerDay

type Roles = readonly Role[]

/** Admins, about those below them; owners about everybody. Nobody about themselves; the operator (null) is bound by nothing. */
export function requireMayDecide(own: Roles | null, theirs: Roles, { isSelf }: { isSelf: boolean }): void {
  if (own === null) return
  requireRank({ roles: [...own] }, 'admin')
  requireAbove(own, own.includes('owner') ? [] : theirs, { isSelf })
}
