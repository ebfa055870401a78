import type { Role } from '@heliograph/contract/accounts'
import { cleanLines } from '@heliograph/contract/clean-text'
import { limits } from '@heliograph/contract/limits'
import { isReservedUsername, isWellFormedUsername, normalizeUsername } from '@heliograph/contract/usernames'
import { type FaultError, fault } from '#platform/http/fault.ts'
import type { AccountState } from './accounts-tables.ts'
import type { AccountSettings } from './accounts-types.ts'
import { isWeakPassword, type PasswordOwner } from './password-strength.ts'

const day = 24 * 60 * 60 * 1000

/** A name given up leads to the account for so long, and nobody else can take it. */
export const oldNameMs = 30 * day
/** As nobody else can take them, an account has no more of them than this. */
export const oldNamesMax = 2
/** So long an account that its owner deletes can be had back by signing in. */
export const leavingMs = 30 * day
/** And at least so long after the end of a suspension, in which nobody can. */
export const leavingAfterSuspensionMs = 7 * day
/** How long a session is kept that nobody uses. */
export const idleSessionMs = 90 * day
/** How long mailed links work. */
export const emailCodeMs = 3 * day
export const resetCodeMs = 60 * 60 * 1000
/** Mails that one account may have waiting to be opened. How many reach one letter box: address-notices.ts. */
export const openEmailCodes = 10
export const openResetCodes = 3
/** Who reads mail where the owner did can take back a changed address, and a new second factor. */
export const undoMs = 7 * day
/** Whoever does one to keep an account may have added another way in shortly before. */
export const takeoverMs = day
/** So long after it was shown who is at the device nobody is asked again. */
export const proofMs = 10 * 60 * 1000
/** How far the stored last use may lag behind. */
export const lastUseStepMs = 5 * 60 * 1000

/** The stored form of a name that somebody wants; throws what is wrong with it. */
export function requireUsername(name: string): string {
  const username = normalizeUsername(name)
  if (!isWellFormedUsername(username)) throw fault('account.username_invalid')
  if (isReservedUsername(username)) throw fault('account.username_reserved')
  return username
}

export function requireStrongPassword(password: string, owner: PasswordOwner): void {
  if (isWeakPassword(password, owner))
    throw fault('account.password_weak', {
      detail: `It must have at least ${limits.passwordMin} characters, and be none that is known from breaches, no common word, row of keys or name of yours.`,
    })
}

/** Called once the password was right: before, nothing tells that the account exists. */
export function requireMaySignIn(state: AccountState, user: Held = noWords): void {
  if (state === 'waiting') throw fault('account.waiting_for_approval')
  if (state === 'suspended') throw suspendedFault(user)
  // Who is about to leave comes back by this.
  if (state === 'deactivated' && user.delete_at) return
  if (state !== 'active') throw fault('auth.wrong_credentials')
}

type Held = { suspension_reason: string | null; suspended_until: Date | null; delete_at: Date | null }
const noWords: Held = { suspension_reason: null, suspended_until: null, delete_at: null }

/** Reason and end are said to whoever has the password, and to nobody else. */
function suspendedFault({ suspension_reason: reason, suspended_until: until }: Held): FaultError {
  return fault('account.suspended', {
    members: { suspension: { reason: reason ?? '', until: until?.toISOString() ?? null } },
  })
}

/** The form in which addresses are kept and compared. */
export function normalizeEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase()
}

export function cleanBio(bio: string): string {
  return cleanLines(bio).replace(/\n{3,}/g, '\n\n')
}

/** Of the languages that the web app speaks, the one that the browser asks for first. */
export function preferredLanguage(acceptLanguage: string | undefined): 'en' | 'de' {
  const wanted = (acceptLanguage ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase())
  return wanted.find((language): language is 'en' | 'de' => language === 'en' || language === 'de') ?? 'en'
}

/**
 * Where the operator wants proven addresses: without one a person may look, and put the own account in order.
 */
export function needsVerifiedEmail(method: string, url: string): boolean {
  const isReading = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
  return (
    !isReading && !/^\/api\/(me|sessions|email-verifications|email-undos|password-resets)(\/|\?|$)/.test(url)
  )
}

/** Whether somebody with these roles needs a second factor, as the operator wants it. */
export function needsFactorIn({ requireSecondFactor: who }: Pick<AccountSettings, 'requireSecondFactor'>) {
  return (roles: readonly Role[]) => who === 'everybody' || (who === 'roles' && roles.length > 0)
}

/** Of one's own account, what whoever has no second factor may do where everybody needs one; beside reading and changing `/api/me`. */
const ownOutside =
  'second-factors|totp|passkeys|passkey-challenges|recovery-codes|proof|proof-challenges|password|email|email-verification|deletion'
const outside = new RegExp(
  `^/api/(me|me/(${ownOutside})(/[^/?]*)?|(sessions|email-verifications|email-undos|password-resets)(/[^/?]*)?|capabilities|instance)(\\?|$)`,
)

/** Enough to set a factor up, to look after sessions, password and address, and to leave. */
export function isForOutside(url: string): boolean {
  return outside.test(url)
}
