import type { Database, Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { findStored, listLargest, recountStored, setQuota, sumStored } from './media-quotas-repository.ts'

/** Of one account; null where there is no limit. */
export interface StorageOfAccount {
  usedBytes: number
  quotaBytes: number | null
}

/** A limit of its own for one account: so many bytes, none at all, or again what the setting says. */
export type OwnQuota = number | 'none' | 'default'

export interface Quotas {
  of(accountId: Id): Promise<StorageOfAccount>
  setOwn(accountId: Id, quota: OwnQuota, within?: Tx): Promise<void>
  /** Of all accounts together. */
  total(): Promise<number>
  largest(limit: number): Promise<{ accountId: Id; bytes: number }[]>
  recount(): Promise<{ checked: number; repaired: number }>
}

const noLimit = -1

/** `defaultBytes`: of accounts without a limit of their own; null for none. */
export function createQuotas(deps: { database: Database; defaultBytes: number | null }): Quotas {
  const { database, defaultBytes } = deps
  return {
    async of(accountId) {
      const { bytes, quotaBytes } = await findStored(database.main, accountId)
      const own = quotaBytes === noLimit ? null : quotaBytes
      return { usedBytes: bytes, quotaBytes: quotaBytes === null ? defaultBytes : own }
    },
    async setOwn(accountId, quota, within) {
      const bytes = quota === 'default' ? null : quota === 'none' ? noLimit : quota
      await setQuota(within ?? database.main, accountId, bytes)
    },
    total: () => sumStored(database.main),
    largest: (limit) => listLargest(database.main, limit),
    recount: () => recountStored(database),
  }
}
