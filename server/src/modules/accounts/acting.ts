import { type Role, rankOf } from '@heliograph/contract/roles'
import type { Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { findUser } from './accounts-repository.ts'
import type { LockAccounts, LockSubject } from './accounts-types.ts'

/** Nobody can change the roles and states of both before this transaction is over. */
export function createLockSubject(lockAccounts: LockAccounts): LockSubject {
  const rolesOf = async (tx: Tx, id: Id) => (await findUser(tx, id))?.roles ?? []
  return async (tx, actorId, id) => {
    const locked = await lockAccounts(tx, actorId === null ? [id] : [id, actorId])
    // Suspended since the request began: the session is gone, and so is what it was about to do.
    if (actorId !== null && locked.get(actorId)?.state !== 'active') throw fault('auth.invalid')
    return {
      account: locked.get(id),
      roles: await rolesOf(tx, id),
      own: actorId === null ? null : await rolesOf(tx, actorId),
    }
  }
}

type Roles = readonly Role[]

/** A role may have been taken away since the request began: what counts is what the transaction sees. */
export function requireAbove(own: Roles | null, theirs: Roles, { isSelf }: { isSelf: boolean }): void {
  if (own === null) return
  if (rankOf(own) < 0) throw fault('request.not_found')
  if (isSelf) throw fault('auth.forbidden', { detail: 'This is your own account.' })
  if (rankOf(theirs) >= rankOf(own))
    throw fault('auth.forbidden', { detail: 'This account has a role as high as yours, or a higher one.' })
}
