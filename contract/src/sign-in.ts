import { z } from 'zod'
import { Email, NewPassword, RenewedSession } from './accounts.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { PasskeyAssertion, recoveryCode, totpCode } from './second-factors.ts'

const tag = 'Accounts'

/** Being, and staying, the one whom an account belongs to. */
export const signInEndpoints = {
  'POST /api/me/proof': endpoint({
    summary:
      'Show once more that it is oneself: opens what asks for proof, in this session, for ten minutes. By a passkey, or by the password; where the account has a second factor the password goes with a code, else `auth.factor_needed` lists in `methods` what would do. The session goes on under a new token (in a cookie, where it came in one).',
    tag,
    auth: 'required',
    budget: 'signIn',
    body: z
      .strictObject({
        password: z.string().min(1).max(limits.passwordMax).optional(),
        totp: totpCode.optional(),
        recoveryCode: recoveryCode.optional(),
        passkey: PasskeyAssertion.optional(),
      })
      .refine(
        ({ password, passkey }) => (password === undefined) !== (passkey === undefined),
        'must have either password or passkey',
      )
      .refine(
        ({ passkey, totp, recoveryCode }) =>
          [passkey, totp, recoveryCode].filter((given) => given !== undefined).length <= 1,
        'must have at most one of totp, recoveryCode and passkey',
      ),
    answers: { 200: RenewedSession },
    errors: [
      'auth.wrong_credentials',
      'auth.passkey_refused',
      'auth.factor_needed',
      'auth.second_factor_wrong',
      'totp.unreadable',
    ],
  }),
  'PUT /api/me/email': endpoint({
    summary:
      'Change the e-mail address: it counts once it is proved. Naming the present one calls a change off.',
    tag,
    auth: 'required',
    proof: true,
    budget: 'changeEmail',
    body: z.strictObject({ email: Email }),
    answers: { 204: null },
  }),
  'POST /api/email-undos': endpoint({
    summary:
      'Take an account back by the code that was mailed when its address was changed, or a second factor added: puts the address of before back, removes factors added since the day before, calls a deletion off and ends all sessions. With `resetCode` a new password is set.',
    tag,
    auth: 'none',
    budget: 'signIn',
    body: z.strictObject({ code: z.string().max(200) }),
    answers: { 200: z.object({ resetCode: z.string() }) },
    errors: ['account.link_invalid'],
  }),
  'POST /api/password-resets': endpoint({
    summary: 'Have a code for a new password mailed, where there is such an account with a proved address.',
    tag,
    auth: 'none',
    budget: 'askReset',
    body: z.strictObject({ login: z.string().trim().min(1).max(limits.emailLength) }),
    answers: { 202: null },
  }),
  'POST /api/password-resets/use': endpoint({
    summary: 'Set a new password by the code that was mailed: all sessions end.',
    tag,
    auth: 'none',
    budget: 'signIn',
    body: z.strictObject({
      code: z.string().max(200),
      newPassword: NewPassword,
      /** As when signing in: a browser is known from then on, by a cookie; nobody is signed in by it. */
      cookie: z.boolean().optional(),
    }),
    answers: { 204: null },
    errors: ['account.link_invalid', 'account.password_weak'],
  }),
}
