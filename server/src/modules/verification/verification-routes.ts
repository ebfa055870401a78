import { verificationEndpoints } from '@heliograph/contract/verification'
import type { AccountsApi } from '#modules/accounts'
import { requireRank } from '#modules/admin'
import type { Named } from '#modules/audit'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page, type Viewer } from '#platform/http/mount.ts'
import type { Decisions } from './verification-decisions.ts'
import type { Requests } from './verification-requests.ts'
import { presentRequest } from './verification-view.ts'

interface Services {
  accounts: Pick<AccountsApi, 'findByIds' | 'resolveUsername'>
  requests: Requests
  decisions: Decisions
}

export function mountVerification(http: Http, { accounts, requests, decisions }: Services): void {
  async function adminOf(viewer: Viewer): Promise<Named> {
    requireRank(viewer, 'admin')
    const account = (await accounts.findByIds([viewer.id])).get(viewer.id)
    if (!account) throw fault('auth.invalid')
    return { id: viewer.id, username: account.username }
  }

  mount(http, verificationEndpoints, {
    'GET /api/me/verification': async ({ viewer }) => answer(200, await requests.of(viewer.id)),
    'POST /api/me/verification-request': {
      create: async ({ viewer, body, once }) =>
        answer(201, presentRequest(await requests.ask(viewer.id, body, once))),
      async replay({ viewer }) {
        const { request } = await requests.of(viewer.id)
        if (!request) throw fault('server.error')
        return answer(201, request)
      },
    },
    'DELETE /api/me/verification-request': async ({ viewer }) => {
      await requests.withdraw(viewer.id)
      return noContent()
    },
    'GET /api/admin/verification-requests': async ({ viewer, position, query }) => {
      await adminOf(viewer)
      const found = await decisions.list(query.state, position?.[0] ?? null, query.limit + 1)
      const items = found.slice(0, query.limit)
      return page(items, found.length > query.limit ? [items.at(-1)!.id] : null)
    },
    'GET /api/admin/verification-requests/:id': async ({ viewer, params }) => {
      return answer(200, await decisions.look(await adminOf(viewer), params.id))
    },
    'GET /api/admin/verification-requests/:id/evidence/:evidenceId': async ({ viewer, params }) => {
      const { type, stream } = await decisions.openEvidence(
        await adminOf(viewer),
        params.id,
        params.evidenceId,
      )
      return answer(200, stream, {
        'content-type': type,
        'cache-control': 'private, no-store',
        // Whatever somebody hid in it runs nowhere and reaches nothing.
        'content-security-policy': "default-src 'none'; sandbox",
        'content-disposition': `${type === 'application/pdf' ? 'attachment' : 'inline'}; filename="evidence"`,
      })
    },
    'PUT /api/admin/verification-requests/:id': async ({ viewer, params, body }) => {
      const { decision, reason = '', ...seen } = body
      const decided = { decision, reason: reason.trim(), seen }
      return answer(200, await decisions.decide(await adminOf(viewer), params.id, decided))
    },
    'PUT /api/admin/accounts/:username/verified': async ({ viewer, params, body }) => {
      const actor = await adminOf(viewer)
      const account = await accounts.resolveUsername(params.username)
      if (!account) throw fault('user.not_found')
      const seen = { username: params.username.trim().toLowerCase(), fullName: body.fullName ?? '' }
      await decisions.setVerified(actor, account.id, body.isVerified, (body.reason ?? '').trim(), seen)
      return noContent()
    },
  })
}
