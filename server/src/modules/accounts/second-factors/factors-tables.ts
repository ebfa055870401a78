import type { ColumnType } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

export interface TotpFactorsTable {
  bucket: number
  user_id: Id
  /** See sealed-secrets.ts. */
  sealed_secret: Buffer
  /** Null until a first code was shown. */
  confirmed_at: Date | null
  /** Bigint, as text. */
  last_step: string
  tries: number
  tries_since: Date
}

export interface RecoveryCodesTable {
  bucket: number
  user_id: Id
  code_hash: Buffer
  salt: Buffer
  /** Null: before this was kept. */
  made_at: ColumnType<Date | null, Date, never>
  used_at: Date | null
}

export interface PasskeysTable {
  bucket: number
  user_id: Id
  id: Id
  /** base64url */
  credential_id: string
  /** COSE */
  public_key: Buffer
  /** Bigint, as text. */
  counter: string
  transports: string[]
  is_synced: boolean
  name: string
  created_at: Date
  last_used_at: Date | null
}

export interface PasskeyClaimsTable {
  bucket: number
  credential_id: string
  user_id: Id
  passkey_id: Id
}

export interface SignInChallengesTable {
  bucket: number
  challenge_hash: Buffer
  user_id: Id
  tries_left: number
  expires_at: Date
}

export interface UsedPasskeyChallengesTable {
  bucket: number
  challenge: string
  expires_at: Date
}

export interface FactorBudgetsTable {
  bucket: number
  user_id: Id
  kind: BudgetKind | TriesKind
  used: number
  since: Date
}

/** Mails that whoever has the password can cause, acts of which each is told by mail, and sets of recovery codes. */
export type BudgetKind =
  | 'failure_mails'
  | 'sign_in_mails'
  | 'password_mails'
  | 'factors_added'
  | 'leavings'
  | 'recovery_codes'

/** Codes of apps that were tried at a known place: by its mark, at all devices, on all networks. */
export type TriesKind = `code_tries ${string}`

export interface FactorsTables {
  factor_budgets: FactorBudgetsTable
  totp_factors: TotpFactorsTable
  recovery_codes: RecoveryCodesTable
  passkeys: PasskeysTable
  passkey_claims: PasskeyClaimsTable
  sign_in_challenges: SignInChallengesTable
  used_passkey_challenges: UsedPasskeyChallengesTable
}

export type FactorChange =
  | 'totp_on'
  | 'totp_off'
  | 'passkey_added'
  | 'passkey_removed'
  | 'recovery_codes_made'
  | 'recovery_code_used'
  /** The operator, for somebody who lost everything. */
  | 'reset'

/** The account is the subject of each. */
export interface FactorsEvents {
  'accounts.second_factor_changed': { change: FactorChange }
  /** Somebody had the right password and failed at the second step; at most once an hour for an account. */
  'accounts.second_step_failed': Record<string, never>
}
