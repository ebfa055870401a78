import type { Role } from '@heliograph/contract/accounts'
import { moderationEndpoints } from '@heliograph/contract/moderation'
import type { AccountsApi } from '#modules/accounts'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, page, type Viewer } from '#platform/http/mount.ts'
import type { Decisions } from './moderation-decisions.ts'
import type { ModerationLog } from './moderation-log.ts'
import type { Queue } from './moderation-queue.ts'
import type { Reports } from './moderation-reports.ts'

interface Services {
  accounts: Pick<AccountsApi, 'findByIds'>
  reports: Reports
  queue: Queue
  decisions: Decisions
  log: ModerationLog
}

const moderating: readonly Role[] = ['moderator', 'admin', 'owner']

export function mountModeration(http: Http, services: Services): void {
  const { accounts, reports, queue, decisions, log } = services
  mount(http, moderationEndpoints, {
    'POST /api/reports': {
      create: async ({ viewer, body, once }) => answer(201, { id: await reports.create(viewer, body, once) }),
      replay: (_context, id) => answer(201, { id }),
    },
    'GET /api/moderation/queue': async ({ viewer, position, query }) => {
      requireModerator(viewer)
      const { items, nextPosition } = await queue.list(viewer, position?.[0] ?? null, query.limit)
      return page(items, nextPosition)
    },
    'GET /api/moderation/queue/:id': async ({ viewer, params }) => {
      requireModerator(viewer)
      const found = await queue.find(viewer, params.id)
      if (!found) throw fault('moderation.not_found')
      return answer(200, found)
    },
    'POST /api/moderation/queue/:id/decision': async ({ viewer, params, body }) => {
      requireModerator(viewer)
      const account = (await accounts.findByIds([viewer.id])).get(viewer.id)
      const actor = { id: viewer.id, username: account?.username ?? '' }
      const { note = '', ...rest } = body
      const { decidedAt, ...decided } = await decisions.decide(actor, params.id, {
        ...rest,
        note,
        isProved: viewer.hasProof,
      })
      return answer(200, { ...decided, decidedAt: decidedAt.toISOString() })
    },
    'GET /api/moderation/log': async ({ viewer, position, query }) => {
      requireModerator(viewer)
      const lines = await log.list(position?.[0] ?? null, query.limit + 1)
      const items = lines.slice(0, query.limit)
      return page(items, lines.length > query.limit ? [items.at(-1)!.id] : null)
    },
  })
}

function requireModerator({ roles, rolesRest }: Viewer): void {
  if (rolesRest) throw fault('auth.roles_rest')
  if (!roles.some((role) => moderating.includes(role))) throw fault('request.not_found')
}
