import { type Role, rankOf, roleRanks } from '@heliograph/contract/roles'
import { type AccountRow, type AccountsApi, requireAbove, type Suspension } from '#modules/accounts'
import type { Act, Actor, RecordAct } from '#modules/audit'
import type { MediaApi, OwnQuota } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, type Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { requireMayChange, requireMayGive, requireMayTake, requireRank } from './admin-policy.ts'
import type { InstanceService } from './instance-service.ts'

/** Acts about accounts. Each is in the log in its own transaction, or has not happened. */
export interface AdminAccounts {
  /** One that stands is changed; `admin.suspended_above` where somebody with a higher role made it. */
  suspend(actor: Actor, id: Id, suspension: Pick<Suspension, 'reason' | 'until'>): Promise<void>
  /** The same. Nothing happens, and nothing is written down, when it is not suspended. */
  unsuspend(actor: Actor, id: Id, note: string): Promise<void>
  /** Hidden now and gone in 30 days, unless its holder signs in; at once by the operator alone. */
  delete(actor: Actor, id: Id, note: string, when?: 'now'): Promise<void>
  /** Nothing happens, and nothing is written down, when it was not about to go. */
  keep(actor: Actor, id: Id, note: string): Promise<void>
  /** About somebody who waits to be let in; throws `user.not_found` about everybody else. */
  decideSignUp(actor: Actor, id: Id, decision: 'approve' | 'refuse', note: string): Promise<void>
  setRoles(actor: Actor, id: Id, roles: readonly Role[]): Promise<void>
  /** For those who help somebody to get in again; the look itself is in the log. */
  lookAtEmail(actor: Actor, id: Id, note: string): Promise<{ email: string; isVerified: boolean }>
  /** Once it is sure who asks: whoever knows the password is in then. */
  resetSecondFactor(actor: Actor, id: Id, note: string): Promise<void>
  /** Mails a link that sets a new password; nobody but its reader can use it. Throws `admin.email_unproven`, `admin.reset_not_mailed`. */
  mailResetLink(actor: Actor, id: Id, note: string): Promise<void>
  /** Whoever made it. */
  withdrawInvitation(actor: Actor, invitation: Id): Promise<void>
  setQuota(actor: Actor, id: Id, quota: OwnQuota): Promise<void>
  /** Those whose end has come. How many there were. */
  endSuspensions(): Promise<number>
}

interface Deps {
  database: Database
  clock: Clock
  accounts: AccountsApi
  media: Pick<MediaApi, 'quotas'>
  instance: Pick<InstanceService, 'lock'>
  record: RecordAct
}

/** At most so many in one go: what is left is taken by the next run. */
const overAtOnce = 200

export function createAdminAccounts(deps: Deps): AdminAccounts {
  const { database, clock, accounts, media, instance, record } = deps

  async function lock(tx: Tx, actor: Actor, id: Id) {
    const { account, ...roles } = await accounts.lockSubject(
      tx,
      typeof actor === 'string' ? null : actor.id,
      id,
    )
    if (!account || account.state === 'deleted') throw fault('user.not_found')
    return { account, ...roles }
  }

  const nameOf = ({ id, username }: AccountRow): Act['subject'] => ({ id, username })

  function transaction<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    return database.transaction(work, typeof actor === 'string' ? {} : { by: actor.id })
  }

  const told = (suspension: Pick<Suspension, 'reason' | 'until'> | null) =>
    suspension
      ? { state: 'suspended', reason: suspension.reason, until: suspension.until?.toISOString() ?? null }
      : null

  return {
    suspend: (actor, id, suspension) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        const before = await accounts.suspensionOf(id, tx)
        requireMayChange(own, before)
        if (JSON.stringify(told(before)) === JSON.stringify(told(suspension))) return
        await accounts.suspend(tx, id, { ...suspension, rank: rankOf(own ?? roleRanks) })
        await record(tx, {
          actor,
          act: 'account.suspended',
          subject: nameOf(account),
          note: suspension.reason,
          before: told(before) ?? { state: account.state },
          after: told(suspension) ?? {},
        })
      }),

    unsuspend: (actor, id, note) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        requireMayChange(own, await accounts.suspensionOf(id, tx))
        await endSuspension(tx, actor, account, note)
      }),

    delete: (actor, id, note, when) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        if (when === 'now' && roles.length > 0) throw fault('account.has_role')
        const deleteAt = when === 'now' ? null : await accounts.leaving.begin(tx, id)
        if (when === 'now') await accounts.leaving.end(tx, id)
        await record(tx, {
          actor,
          act: when === 'now' ? 'account.deleted' : 'account.deletion_begun',
          subject: nameOf(account),
          note,
          before: { state: account.state },
          after: { deleteAt: deleteAt?.toISOString() ?? 'now' },
        })
      }),

    keep: (actor, id, note) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        if (!(await accounts.leaving.takeBack(tx, id))) return
        await record(tx, { actor, act: 'account.deletion_ended', subject: nameOf(account), note })
      }),

    withdrawInvitation: (actor, invitation) =>
      accounts.invitations.withdrawAny(actor, invitation, async (tx) => {
        if (typeof actor === 'string') return
        const { roles } = await lock(tx, actor, actor.id)
        requireRank({ roles }, 'admin')
      }),

    decideSignUp: (actor, id, decision, note) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        await accounts[decision](id, tx)
        await record(tx, {
          actor,
          act: decision === 'approve' ? 'sign_up.approved' : 'sign_up.refused',
          subject: nameOf(account),
          note,
          before: { state: account.state },
          after: { state: decision === 'approve' ? 'active' : 'gone' },
        })
      }),

    setRoles: (actor, id, roles) =>
      transaction(actor, async (tx) => {
        // Before the accounts: whoever changes an owner waits here, so that two of them cannot both leave.
        await instance.lock(tx)
        const { account, roles: before, own } = await lock(tx, actor, id)
        const after = roleRanks.filter((role) => roles.includes(role))
        const given = after.filter((role) => !before.includes(role))
        const taken = before.filter((role) => !after.includes(role))
        if (given.length + taken.length === 0) return
        if (given.length > 0) requireMayGive(own, before, given, { isSelf: isSelf(actor, id) })
        if (taken.length > 0) requireMayTake(own, before, { isSelf: isSelf(actor, id) })
        await accounts.setRoles(id, after, tx)
        if (taken.includes('owner') && (await accounts.directory.countOwners(tx)) === 0)
          throw fault('admin.last_owner')
        await record(tx, {
          actor,
          act: 'account.roles_changed',
          subject: nameOf(account),
          before: { roles: [...before] },
          after: { roles: after },
        })
      }),

    lookAtEmail: (actor, id, note) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        const seen = await accounts.directory.emailOf(tx, id)
        if (!seen) throw fault('user.not_found')
        await record(tx, { actor, act: 'account.email_seen', subject: nameOf(account), note })
        return seen
      }),

    resetSecondFactor: (actor, id, note) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        await accounts.resetSecondFactors(id, tx)
        await record(tx, { actor, act: 'account.second_factor_removed', subject: nameOf(account), note })
      }),

    mailResetLink: (actor, id, note) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        const email = await accounts.directory.emailOf(tx, id)
        if (!email?.isVerified) throw fault('admin.email_unproven')
        if (!(await accounts.mailResetLink(id, tx))) throw fault('admin.reset_not_mailed')
        await record(tx, {
          actor,
          act: 'account.password_reset',
          subject: nameOf(account),
          note,
          after: { link: 'mailed' },
        })
      }),

    setQuota: (actor, id, quota) =>
      transaction(actor, async (tx) => {
        const { account, roles, own } = await lock(tx, actor, id)
        requireAbove(own, roles, { isSelf: isSelf(actor, id) })
        const { quotaBytes } = await media.quotas.of(id)
        await media.quotas.setOwn(id, quota, tx)
        await record(tx, {
          actor,
          act: 'account.quota_changed',
          subject: nameOf(account),
          before: { quotaBytes },
          after: { quotaBytes: quota },
        })
      }),

    async endSuspensions() {
      const ids = await accounts.listOver(new Date(clock.now()), overAtOnce)
      let ended = 0
      for (const id of ids)
        await database.transaction(async (tx) => {
          const { account } = await lock(tx, 'server', id)
          // Somebody may have made it longer meanwhile.
          const { until } = (await accounts.suspensionOf(id, tx)) ?? { until: null }
          if (until === null || until.getTime() > clock.now()) return
          await endSuspension(tx, 'server', account, '')
          afterCommit(tx, () => {
            ended += 1
          })
        })
      return ended
    },
  }

  async function endSuspension(tx: Tx, actor: Actor, account: AccountRow, note: string): Promise<void> {
    const before = await accounts.suspensionOf(account.id, tx)
    if (!(await accounts.unsuspend(tx, account.id))) return
    const now = (await accounts.findByIds([account.id], tx)).get(account.id)
    await record(tx, {
      actor,
      act: 'account.unsuspended',
      subject: nameOf(account),
      note,
      before: told(before) ?? {},
      after: { state: now?.state ?? 'active' },
    })
  }
}

function isSelf(actor: Actor, id: Id): boolean {
  return typeof actor !== 'string' && actor.id === id
}
