import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

/** What every app understands (RFC 6238): SHA-1, six digits, 30 s. */
const kind = { algorithm: 'SHA1', digits: 6, period: 30 } as const
/** Steps before and after the present one whose codes are good: clocks differ, and typing takes a while. */
const window = 1
/** RFC 4226 recommends 160 bits. */
const secretBytes = 20

export function createTotpSecret(): Buffer {
  return randomBytes(secretBytes)
}

/** Which step of 30 s since 1970 the code belongs to; null when it is none of the present ones. */
export function totpStepOf(secret: Buffer, code: string, nowMs: number): number | null {
  const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window })
  return delta === null ? null : Math.floor(nowMs / 1000 / kind.period) + delta
}

/** As people type it, and as their apps read it from a picture. */
export function describeTotp(
  secret: Buffer,
  { issuer, label }: { issuer: string; label: string },
): { secret: string; uri: string } {
  const totp = totpOf(secret)
  totp.issuer = issuer
  totp.label = label
  return { secret: totp.secret.base32, uri: totp.toString() }
}

function totpOf(secret: Buffer): TOTP {
  return new TOTP({ ...kind, secret: new Secret({ buffer: Uint8Array.from(secret).buffer }) })
}
