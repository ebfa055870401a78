import { z } from 'zod'
import { Id, IdParams, listOf, PageQuery, Timestamp, textOf } from './common.ts'
import { endpoint } from './endpoint.ts'

const tag = 'Invitations'

export const Invitation = z.object({
  id: Id,
  note: z.string(),
  maxUses: z.number().int(),
  used: z.number().int(),
  createdAt: Timestamp,
  expiresAt: Timestamp,
})
export type Invitation = z.output<typeof Invitation>

export const NewInvitation = z.strictObject({
  /** How many may come by it. */
  maxUses: z.number().int().min(1).max(100).default(1),
  days: z.number().int().min(1).max(90).default(7),
  /** For oneself: whom it is for. */
  note: textOf(100).default(''),
})

export const invitationsEndpoints = {
  'POST /api/invitations': endpoint({
    summary: 'Invite somebody to this server: the link is told once. Whoever has a role shows who they are.',
    tag,
    auth: 'required',
    budget: 'write',
    body: NewInvitation,
    answers: { 201: z.object({ invitation: Invitation, code: z.string(), link: z.string() }) },
    errors: ['auth.forbidden', 'auth.roles_rest', 'auth.proof_needed', 'invitation.too_many'],
  }),
  'GET /api/invitations': endpoint({
    summary: 'One’s own invitations that are open, newest first.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(Invitation) },
  }),
  'DELETE /api/invitations/:id': endpoint({
    summary: 'Withdraw an invitation: whoever came by it stays.',
    tag,
    auth: 'required',
    budget: 'write',
    params: IdParams,
    answers: { 204: null },
    errors: ['invitation.not_found'],
  }),
}
