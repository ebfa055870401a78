import type { AdminPower } from '@heliograph/contract/admin'
import { type AccountState, type Role, rankOf, roleRanks } from '@heliograph/contract/roles'
import { requireAbove, type Suspension } from '#modules/accounts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'

// Owner above admin above moderator above everybody else. Nobody changes an equal or a superior; what only admins
// may do is said by the routes. The operator at the command line has no account, and is bound by no rank (`own` null).

/** Whoever has no role is told what everybody is told who asks for what is not there; whose role rests, what to do. */
export function requireRank({ roles, rolesRest }: Pick<Viewer, 'roles' | 'rolesRest'>, least: Role): void {
  if (rolesRest) throw fault('auth.roles_rest')
  const rank = rankOf(roles)
  if (rank < 0) throw fault('request.not_found')
  if (rank < roleRanks.indexOf(least)) throw fault('auth.forbidden')
}

type Roles = readonly Role[]
type About = { isSelf: boolean }

/** One gives what is below one's own rank; owners also make owners. */
export function requireMayGive(own: Roles | null, theirs: Roles, given: Roles, about: About): void {
  if (own === null) return
  requireAbove(own, theirs, about)
  const isOwner = own.includes('owner')
  if (rankOf(own) < roleRanks.indexOf('admin') || (!isOwner && rankOf(given) >= rankOf(own)))
    throw fault('auth.forbidden', { detail: 'You can only give roles below your own.' })
}

/** From those below, and from oneself: whoever no longer wants a role gives it back. */
export function requireMayTake(own: Roles | null, theirs: Roles, about: About): void {
  if (own === null || about.isSelf) return
  requireAbove(own, theirs, about)
  if (rankOf(own) < roleRanks.indexOf('admin')) throw fault('auth.forbidden')
}

/** What somebody with a higher role decided stands until one of theirs decides otherwise. */
export function requireMayChange(own: Roles | null, suspension: Standing): void {
  if (own !== null && isAbove(suspension, own)) throw fault('admin.suspended_above')
}

type Standing = Pick<Suspension, 'rank'> | null
const isAbove = (suspension: Standing, own: Roles) => (suspension?.rank ?? -1) > rankOf(own)

/** What somebody with `own` roles may do with an account of `theirs`: for pages, which offer nothing else. */
export function powersOver(
  own: Roles,
  theirs: Roles,
  about: About & { state: AccountState; isLeaving: boolean; suspension: Standing },
): AdminPower[] {
  const isAdmin = rankOf(own) >= roleRanks.indexOf('admin')
  if (about.isSelf) return ['step_down']
  if (about.state === 'deleted') return []
  // Owners verify each other: of a name it asks nobody to be above another.
  if (rankOf(theirs) >= rankOf(own)) return own.includes('owner') ? ['verification'] : []
  if (about.state === 'waiting') return isAdmin ? ['let_in', 'email'] : []
  const suspending: AdminPower[] = isAbove(about.suspension, own) ? [] : ['suspend']
  if (!isAdmin) return suspending
  const always: AdminPower[] = [...suspending, 'roles', 'email', 'password', 'second_factor', 'verification']
  if (about.isLeaving) return [...always, 'keep']
  return about.state === 'active' && theirs.length === 0 ? [...always, 'delete'] : always
}
