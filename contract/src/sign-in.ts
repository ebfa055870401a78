import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'

const tag = 'Accounts'

/** Being, and staying, the one whom an account belongs to. */
export const signInEndpoints = {
  'POST /api/me/proof': endpoint({
    summary:
      'Show once more that it is oneself: opens what asks for proof, in this session, for ten minutes.',
    tag,
    auth: 'required',
    budget: 'signIn',
    body: z.strictObject({ password: z.string().min(1).max(limits.passwordMax) }),
    answers: { 204: null },
    errors: ['auth.wrong_credentials'],
  }),
}
