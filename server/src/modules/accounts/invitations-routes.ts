import { type Invitation, invitationsEndpoints } from '@heliograph/contract/invitations'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page } from '#platform/http/mount.ts'
import type { InvitationRow, Invitations } from './invitations-service.ts'

export function mountInvitations(http: Http, invitations: Invitations): void {
  mount(http, invitationsEndpoints, {
    'POST /api/invitations': async ({ viewer, body }) => {
      const { row, code, link } = await invitations.create(viewer, body)
      return answer(201, { invitation: present(row), code, link })
    },
    'GET /api/invitations': async ({ viewer, query, position }) => {
      const found = await invitations.list(viewer.id, position?.[0] ?? null, query.limit + 1)
      const shown = found.slice(0, query.limit)
      const last = found.length > query.limit ? shown.at(-1) : undefined
      return page(shown.map(present), last ? [last.id] : null)
    },
    'DELETE /api/invitations/:id': async ({ viewer, params }) => {
      await invitations.withdraw(viewer.id, params.id)
      return noContent()
    },
  })
}

function present(row: InvitationRow): Invitation {
  return {
    id: row.id,
    note: row.note,
    maxUses: row.max_uses,
    used: row.used,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }
}
