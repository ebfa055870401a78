import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Database } from '#platform/db/db.ts'
import { type KeptSum, sumKept } from './media-stored-repository.ts'

export interface UsageReport {
  /** What lies in the store, by the first part of the key: asked of the store itself. */
  stored: { kind: string; objects: number; bytes: number }[]
  /** What rows refer to, by kind and by where it lies. */
  kept: KeptSum[]
}

/** Two books that were kept apart: of a store that is as it should be they agree to the byte. */
export async function reportUsage(deps: { database: Database; blobs: BlobStore }): Promise<UsageReport> {
  return { stored: await sumStored(deps.blobs), kept: await sumKept(deps.database.main) }
}

export async function sumStored(blobs: BlobStore): Promise<UsageReport['stored']> {
  const sums = new Map<string, { kind: string; objects: number; bytes: number }>()
  for await (const { key, size } of blobs.list('')) {
    const kind = key.split('/', 1)[0]!
    const sum = sums.get(kind) ?? { kind, objects: 0, bytes: 0 }
    sums.set(kind, { kind, objects: sum.objects + 1, bytes: sum.bytes + size })
  }
  return [...sums.values()]
}
