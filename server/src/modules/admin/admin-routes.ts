import { type AnyInvitation, adminEndpoints } from '@heliograph/contract/admin'
import { rankOf, roleRanks } from '@heliograph/contract/roles'
import type { AccountRow, AccountsApi } from '#modules/accounts'
import type { Named } from '#modules/audit'
import type { Clock } from '#platform/clock/clock.ts'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page, type Viewer } from '#platform/http/mount.ts'
import type { AdminAccounts } from './admin-accounts.ts'
import { requireRank } from './admin-policy.ts'
import type { AdminReads } from './admin-reads.ts'
import type { InstanceService } from './instance-service.ts'

interface Services {
  accounts: Pick<AccountsApi, 'findByIds' | 'resolveUsername' | 'invitations'>
  instance: InstanceService
  acts: AdminAccounts
  reads: AdminReads
  clock: Clock
}

export function mountAdmin(http: Http, { accounts, instance, acts, reads, clock }: Services): void {
  const actorOf = async ({ id }: Viewer): Promise<Named> => {
    const account = (await accounts.findByIds([id])).get(id)
    if (!account) throw fault('auth.invalid')
    return { id, username: account.username }
  }

  const find = async (username: string): Promise<AccountRow> => {
    const account = await accounts.resolveUsername(username)
    if (!account) throw fault('user.not_found')
    return account
  }

  mount(http, adminEndpoints, {
    'GET /api/instance': async () => answer(200, await instance.present()),
    'PUT /api/admin/instance': async ({ viewer, body }) => {
      requireRank(viewer, 'admin')
      await instance.change(await actorOf(viewer), body)
      return answer(200, await instance.present())
    },
    'GET /api/admin/overview': async ({ viewer }) => {
      requireRank(viewer, 'moderator')
      return answer(200, await reads.overview(viewer))
    },
    'GET /api/admin/waiting': async ({ viewer }) => {
      requireRank(viewer, 'moderator')
      return answer(200, await reads.waiting(viewer))
    },
    'GET /api/admin/accounts': async ({ viewer, position, query }) => {
      requireRank(viewer, 'moderator')
      const { items, nextPosition } = await reads.list(query, position, query.limit)
      return page(items, nextPosition)
    },
    'GET /api/admin/accounts/:username': async ({ viewer, params }) => {
      requireRank(viewer, 'moderator')
      return answer(200, await reads.account(viewer, (await find(params.username)).id))
    },
    'PUT /api/admin/accounts/:username/state': async ({ viewer, params, body }) => {
      requireRank(viewer, 'moderator')
      const { id } = await find(params.username)
      const actor = await actorOf(viewer)
      if (body.state === 'deactivated') {
        requireRank(viewer, 'admin')
        await acts.delete(actor, id, body.reason.trim())
      } else if (body.state === 'active') {
        await acts.unsuspend(actor, id, body.note ?? '')
        if (rankOf(viewer.roles) >= roleRanks.indexOf('admin')) await acts.keep(actor, id, body.note ?? '')
      } else {
        const until = body.until ? new Date(body.until) : null
        if (until && until.getTime() <= clock.now()) throw fault('admin.until_past')
        await acts.suspend(actor, id, { reason: body.reason.trim(), until })
      }
      return answer(200, await reads.account(viewer, id))
    },
    'POST /api/admin/accounts/:username/sign-up-decision': async ({ viewer, params, body }) => {
      requireRank(viewer, 'admin')
      const { id } = await find(params.username)
      await acts.decideSignUp(await actorOf(viewer), id, body.decision, body.note ?? '')
      return noContent()
    },
    'PUT /api/admin/accounts/:username/roles': async ({ viewer, params, body }) => {
      requireRank(viewer, 'moderator')
      const { id } = await find(params.username)
      await acts.setRoles(await actorOf(viewer), id, body.roles)
      return answer(200, await reads.account(viewer, id))
    },
    'POST /api/admin/accounts/:username/email-look': async ({ viewer, params, body }) => {
      requireRank(viewer, 'admin')
      const { id } = await find(params.username)
      const { email, isVerified } = await acts.lookAtEmail(await actorOf(viewer), id, body.reason.trim())
      return answer(200, { email, emailVerified: isVerified })
    },
    'POST /api/admin/accounts/:username/password-reset': async ({ viewer, params, body }) => {
      requireRank(viewer, 'admin')
      const { id } = await find(params.username)
      await acts.mailResetLink(await actorOf(viewer), id, body.reason.trim())
      return noContent()
    },
    'POST /api/admin/accounts/:username/second-factor-reset': async ({ viewer, params, body }) => {
      requireRank(viewer, 'admin')
      const { id } = await find(params.username)
      await acts.resetSecondFactor(await actorOf(viewer), id, body.reason.trim())
      return noContent()
    },
    'GET /api/admin/invitations': async ({ viewer, position, query }) => {
      requireRank(viewer, 'admin')
      const found = await accounts.invitations.listAll(position?.[0] ?? null, query.limit + 1)
      const shown = found.slice(0, query.limit)
      const last = found.length > query.limit ? shown.at(-1) : undefined
      return page(shown.map(presentInvitation), last ? [last.row.id] : null)
    },
    'DELETE /api/admin/invitations/:id': async ({ viewer, params }) => {
      requireRank(viewer, 'admin')
      await acts.withdrawInvitation(await actorOf(viewer), params.id)
      return noContent()
    },
    'GET /api/admin/log': async ({ viewer, position, query }) => {
      requireRank(viewer, 'moderator')
      const idOf = async (name: string | undefined) =>
        name === undefined ? undefined : (await find(name)).id
      const wish = { kind: query.kind, subjectId: await idOf(query.account), actorId: await idOf(query.by) }
      const { items, nextPosition } = await reads.log(viewer, wish, position, query.limit)
      return page(items, nextPosition)
    },
  })
}

type Listed = Awaited<ReturnType<AccountsApi['invitations']['listAll']>>[number]

function presentInvitation({ row, by, counts }: Listed): AnyInvitation {
  return {
    id: row.id,
    by,
    counts,
    maxUses: row.max_uses,
    used: row.used,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }
}
