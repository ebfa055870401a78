import { adminEndpoints } from '@heliograph/contract/admin'
import type { AccountsApi } from '#modules/accounts'
import type { AuditLog, Named } from '#modules/audit'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, page, type Viewer } from '#platform/http/mount.ts'
import { requireRank } from './admin-policy.ts'
import type { InstanceService } from './instance-service.ts'

interface Services {
  accounts: Pick<AccountsApi, 'findByIds'>
  log: AuditLog
  instance: InstanceService
}

export function mountAdmin(http: Http, { accounts, log, instance }: Services): void {
  const actorOf = async ({ id }: Viewer): Promise<Named> => {
    const account = (await accounts.findByIds([id])).get(id)
    if (!account) throw fault('auth.invalid')
    return { id, username: account.username }
  }

  mount(http, adminEndpoints, {
    'GET /api/instance': async () => answer(200, await instance.present()),
    'PUT /api/admin/instance': async ({ viewer, body }) => {
      requireRank(viewer, 'admin')
      await instance.change(await actorOf(viewer), body)
      return answer(200, await instance.present())
    },
    'GET /api/admin/log': async ({ viewer, position, query }) => {
      requireRank(viewer, 'admin')
      const lines = await log.list(position?.[0] ?? null, query.limit + 1)
      const items = lines.slice(0, query.limit)
      return page(items, lines.length > query.limit ? [items.at(-1)!.id] : null)
    },
  })
}
