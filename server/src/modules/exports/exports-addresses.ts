import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import { addressMs } from './exports-policy.ts'

/**
 * An address of a file says that whoever asked for it had just shown who they are: downloads take longer than such a proof
 * lasts. It opens nothing by itself: the session is asked as well.
 */
export interface ExportAddresses {
  sign(exportId: Id): { until: number; signature: string }
  isGood(exportId: Id, address: { until: number; signature: string }): boolean
}

export function createExportAddresses({ keys, clock }: { keys: Keys; clock: Clock }): ExportAddresses {
  const signatureOf = (exportId: Id, until: number, key: Buffer = keys[0]) =>
    createHmac('sha256', key).update(`${exportId} ${until}`).digest()
  return {
    sign(exportId) {
      const until = Math.floor((clock.now() + addressMs) / 1000)
      return { until, signature: signatureOf(exportId, until).toString('base64url') }
    },
    isGood(exportId, { until, signature }) {
      const given = Buffer.from(signature, 'base64url')
      const isOurs = keys
        .map((key) => signatureOf(exportId, until, key))
        .some((wanted) => given.length === wanted.length && timingSafeEqual(given, wanted))
      return isOurs && until * 1000 > clock.now()
    },
  }
}
