import { z } from 'zod'
import { SignedIn } from './accounts.ts'
import { Id, IdParams, Timestamp, textOf } from './common.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'

/** Bytes as WebAuthn writes them in JSON: base64url without padding. */
function bytes(maxBytes: number) {
  return z
    .string()
    .min(1)
    .max(Math.ceil((maxBytes * 4) / 3))
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')
}

/** WebAuthn allows ids of up to 1,023 bytes. */
const credentialId = bytes(1023)
const transports = z.array(z.string().max(20)).max(10)

/** What `navigator.credentials.create()` gave, in so far as it is needed. */
export const PasskeyAttestation = z.strictObject({
  id: credentialId,
  clientDataJSON: bytes(4000),
  attestationObject: bytes(16_000),
  transports: transports.default([]),
})
export type PasskeyAttestation = z.output<typeof PasskeyAttestation>

/** What `navigator.credentials.get()` gave, in so far as it is needed. */
export const PasskeyAssertion = z.strictObject({
  id: credentialId,
  clientDataJSON: bytes(4000),
  authenticatorData: bytes(4000),
  signature: bytes(8000),
})
export type PasskeyAssertion = z.output<typeof PasskeyAssertion>

const CredentialName = z.object({
  id: z.string(),
  type: z.literal('public-key'),
  transports: z.array(z.string()),
})

/** For `navigator.credentials.create()`, in the JSON of WebAuthn. */
export const PasskeyCreation = z.object({
  rp: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.number().int() })),
  timeout: z.number().int(),
  excludeCredentials: z.array(CredentialName),
  authenticatorSelection: z.object({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
  attestation: z.literal('none'),
})
export type PasskeyCreation = z.output<typeof PasskeyCreation>

/** For `navigator.credentials.get()`, in the JSON of WebAuthn. An empty `allowCredentials` means any. */
export const PasskeyRequest = z.object({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.number().int(),
  allowCredentials: z.array(CredentialName),
  userVerification: z.enum(['required', 'preferred']),
})
export type PasskeyRequest = z.output<typeof PasskeyRequest>

export const Passkey = z.object({
  id: Id,
  name: z.string(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp.nullable(),
  /** Kept by a password manager that copies it to the person's other devices. */
  synced: z.boolean(),
})
export type Passkey = z.output<typeof Passkey>

export const SecondFactors = z.object({
  /** Since when codes of an app are asked for; null while they are not. */
  totpSince: Timestamp.nullable(),
  passkeys: z.array(Passkey),
  recoveryCodesLeft: z.number().int(),
})
export type SecondFactors = z.output<typeof SecondFactors>

export const SecondFactorMethod = z.enum(['passkey', 'totp', 'recovery'])
export type SecondFactorMethod = z.output<typeof SecondFactorMethod>

/** Members of the problem `auth.second_factor_needed`, beside the usual ones. */
export const SecondFactorNeeded = z.object({
  /** Opaque; good for one sign-in, for five minutes and five tries. */
  challenge: z.string(),
  methods: z.array(SecondFactorMethod),
  /** Where there are passkeys. */
  passkey: PasskeyRequest.optional(),
})
export type SecondFactorNeeded = z.output<typeof SecondFactorNeeded>

/** Members of the problem `auth.factor_needed`, beside the usual ones. */
export const FactorNeeded = z.object({ methods: z.array(SecondFactorMethod) })
export type FactorNeeded = z.output<typeof FactorNeeded>

export const totpCode = z
  .string()
  .transform((code) => code.replace(/\s/g, ''))
  .pipe(z.string().regex(/^[0-9]{6}$/, 'must be six digits'))
/** As it was shown, or without its dash, or in capitals. */
export const recoveryCode = z.string().min(10).max(20)
const passkeyName = textOf(limits.passkeyNameLength).refine((name) => name.trim() !== '', 'must not be empty')

/** Shown once and never again; null where there were some before. */
const NewRecoveryCodes = z.object({ recoveryCodes: z.array(z.string()).nullable() })

const tag = 'Second factors'

export const secondFactorsEndpoints = {
  'POST /api/sessions/second-factor': endpoint({
    summary: 'The second step of signing in, by the `challenge` of `auth.second_factor_needed`.',
    tag,
    auth: 'none',
    budget: 'signIn',
    body: z
      .strictObject({
        challenge: z.string().max(200),
        totp: totpCode.optional(),
        recoveryCode: recoveryCode.optional(),
        passkey: PasskeyAssertion.optional(),
        cookie: z.boolean().optional(),
      })
      .refine(
        ({ totp, recoveryCode, passkey }) =>
          [totp, recoveryCode, passkey].filter((given) => given !== undefined).length === 1,
        'must have one of totp, recoveryCode and passkey',
      ),
    answers: { 201: SignedIn },
    errors: ['auth.second_factor_wrong', 'auth.challenge_expired', 'totp.unreadable', 'account.suspended'],
  }),
  'POST /api/passkey-challenges': endpoint({
    summary: 'Begin to sign in with a passkey alone. Names nobody: the passkey says whose it is.',
    tag,
    auth: 'none',
    budget: 'signIn',
    answers: { 201: PasskeyRequest },
  }),
  'POST /api/sessions/passkey': endpoint({
    summary: 'Sign in with a passkey alone.',
    tag,
    auth: 'none',
    budget: 'signIn',
    body: z.strictObject({ passkey: PasskeyAssertion, cookie: z.boolean().optional() }),
    answers: { 201: SignedIn },
    errors: ['auth.passkey_refused', 'account.suspended'],
  }),
  'GET /api/me/second-factors': endpoint({
    summary: 'What is asked for beside the password, or in its place.',
    tag,
    auth: 'required',
    budget: 'read',
    answers: { 200: SecondFactors },
  }),
  'POST /api/me/proof-challenges': endpoint({
    summary:
      'Begin to show by a passkey that it is oneself: what `POST /api/me/proof` takes. Null without passkeys.',
    tag,
    auth: 'required',
    budget: 'write',
    answers: { 201: z.object({ passkey: PasskeyRequest.nullable() }) },
  }),
  'POST /api/me/passkey-challenges': endpoint({
    summary: 'Begin to add a passkey.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    answers: { 201: PasskeyCreation },
    errors: ['passkey.too_many'],
  }),
  'POST /api/me/passkeys': endpoint({
    summary: 'Add a passkey. The first second factor of an account comes with recovery codes.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    body: z.strictObject({ passkey: PasskeyAttestation, name: passkeyName }),
    answers: { 201: NewRecoveryCodes.extend({ passkey: Passkey }) },
    errors: ['passkey.refused', 'passkey.too_many'],
  }),
  'PATCH /api/me/passkeys/:id': endpoint({
    summary: 'Name a passkey.',
    tag,
    auth: 'required',
    budget: 'write',
    params: IdParams,
    body: z.strictObject({ name: passkeyName }),
    answers: { 200: Passkey },
    errors: ['passkey.not_found'],
  }),
  'DELETE /api/me/passkeys/:id': endpoint({
    summary: 'Remove a passkey. With the last second factor the recovery codes go too.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    params: IdParams,
    answers: { 204: null },
    errors: ['passkey.not_found'],
  }),
  'POST /api/me/totp': endpoint({
    summary: 'Begin to use an app that makes codes. Until the first code was shown nothing changes.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    answers: { 201: z.object({ secret: z.string(), uri: z.string() }) },
    errors: ['totp.on'],
  }),
  'PUT /api/me/totp': endpoint({
    summary: 'Show the first code of the app: from now on codes are asked for.',
    tag,
    auth: 'required',
    budget: 'signIn',
    proof: true,
    body: z.strictObject({ code: totpCode }),
    answers: { 200: NewRecoveryCodes },
    errors: ['totp.not_begun', 'totp.wrong_code', 'totp.unreadable'],
  }),
  'DELETE /api/me/totp': endpoint({
    summary: 'Ask for codes of an app no more. With the last second factor the recovery codes go too.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    answers: { 204: null },
  }),
  'POST /api/me/recovery-codes': endpoint({
    summary: 'New recovery codes; those of before are void.',
    tag,
    auth: 'required',
    budget: 'write',
    proof: true,
    answers: { 201: z.object({ recoveryCodes: z.array(z.string()) }) },
    errors: ['second_factor.off'],
  }),
}
