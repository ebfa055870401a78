import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { Tx } from '#platform/db/db.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import { usePasskeyChallenge } from './challenges-repository.ts'

/** What an answer to a challenge is good for. An answer to one never passes for another. */
export type PasskeyPurpose =
  | { for: 'sign-in' }
  /** After the password; bound to the challenge that the password opened. */
  | { for: 'second-step'; challenge: string }
  | { for: 'adding'; sessionId: string }
  | { for: 'proof'; sessionId: string }

/**
 * The page to sign in asks for a challenge whenever it is opened, by anybody: kept, they would be rows that strangers
 * make. So a challenge is random bytes, the time until it is good, and a signature over both and its purpose; only one
 * that was answered rightly is written down, so that it is never answered again.
 */
export interface PasskeyChallenges {
  create(purpose: PasskeyPurpose): string
  isOpen(challenge: string, purpose: PasskeyPurpose): boolean
  /** False when it was answered before. */
  use(tx: Tx, challenge: string): Promise<boolean>
}

export const passkeyPatienceMs = 5 * 60 * 1000

const timeBytes = 8
const randomLength = 24
const signedBytes = timeBytes + randomLength

export function createPasskeyChallenges({ keys, clock }: { keys: Keys; clock: Clock }): PasskeyChallenges {
  const sign = (signed: Buffer, purpose: PasskeyPurpose, key: Buffer = keys[0]) =>
    createHmac('sha256', key).update(signed).update(JSON.stringify(purpose)).digest()
  const untilOf = (bytes: Buffer) => Number(bytes.readBigUInt64BE())

  return {
    create(purpose) {
      const signed = Buffer.alloc(signedBytes)
      signed.writeBigUInt64BE(BigInt(clock.now() + passkeyPatienceMs))
      randomBytes(randomLength).copy(signed, timeBytes)
      return Buffer.concat([signed, sign(signed, purpose)]).toString('base64url')
    },

    isOpen(challenge, purpose) {
      const bytes = Buffer.from(challenge, 'base64url')
      // Another spelling of the same bytes would be a second challenge.
      if (bytes.length !== signedBytes + 32 || bytes.toString('base64url') !== challenge) return false
      const [signed, given] = [bytes.subarray(0, signedBytes), bytes.subarray(signedBytes)]
      const isOurs = keys.some((key) => timingSafeEqual(sign(signed, purpose, key), given))
      return isOurs && untilOf(bytes) > clock.now()
    },

    use: (tx, challenge) =>
      usePasskeyChallenge(tx, challenge, new Date(untilOf(Buffer.from(challenge, 'base64url')))),
  }
}
