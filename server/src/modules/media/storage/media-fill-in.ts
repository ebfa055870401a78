import { type BlobStore, hashBlob, type StoredObject } from '#platform/blobs/blobs.ts'
import type { Database } from '#platform/db/db.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { bytesOf, type KeptObjects } from './media-objects.ts'
import { addStoredBytes } from './media-quotas-repository.ts'
import type { StoredMedia } from './media-stored-repository.ts'

/**
 * Keeps the objects of a medium that was stored before they were kept: reads and hashes each one. False when one that
 * must be there is not, or when the medium changed meanwhile: the next look tries again.
 */
export async function fillIn(
  { database, blobs, objects: kept }: { database: Database; blobs: BlobStore; objects: KeptObjects },
  row: StoredMedia,
  keys: { needed: readonly string[]; possible: readonly string[] },
): Promise<boolean> {
  const objects: StoredObject[] = []
  for (const key of [...keys.needed, ...keys.possible]) {
    const object = await hashBlob(blobs, key)
    if (object !== null) objects.push(object)
    else if (keys.needed.includes(key)) return false
  }
  return await database.transaction(async (tx) => {
    const now = await tx
      .selectFrom('media')
      .select(['token', 'objects'])
      .where('bucket', '=', bucketOf(row.id))
      .where('id', '=', row.id)
      .where('revoked_at', 'is', null)
      .forUpdate()
      .executeTakeFirst()
    if (now?.token !== row.token || now.objects !== null) return false
    await kept.write(tx, row.id, objects)
    await addStoredBytes(tx, row.owner_id, bytesOf(objects))
    return true
  })
}
