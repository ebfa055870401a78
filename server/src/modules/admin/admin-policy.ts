import type { Role } from '@heliograph/contract/accounts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'

const ranks: readonly Role[] = ['moderator', 'admin', 'owner']

/** Higher is more; -1 without a role. */
export function rankOf(roles: readonly Role[]): number {
  return Math.max(-1, ...roles.map((role) => ranks.indexOf(role)))
}

/** Whoever has no role is told what everybody is told who asks for what is not there. */
export function requireRank({ roles }: Pick<Viewer, 'roles'>, least: Role): void {
  const rank = rankOf(roles)
  if (rank < 0) throw fault('request.not_found')
  if (rank < ranks.indexOf(least)) throw fault('auth.forbidden')
}
