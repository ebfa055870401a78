import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Revocations } from './delivery/media-revocations.ts'
import type { MediaApi } from './media-api.ts'
import { revokeMedia } from './media-changes-repository.ts'
import type { Storage } from './storage/media-storage.ts'

/** What is over goes: its rows are marked first, so that whoever comes after a crash knows what is still to be removed. */
export function createReclaim(deps: {
  database: Database
  clock: Clock
  revocations: Pick<Revocations, 'media'>
  storage: Pick<Storage, 'collect'>
}): MediaApi['reclaim'] {
  const { database, clock, revocations, storage } = deps
  return async (mediaIds) => {
    const total = { media: 0, objects: 0, bytes: 0 }
    if (mediaIds.length === 0) return total
    await database.transaction(async (tx) => {
      const rows = await revokeMedia(tx, mediaIds, new Date(clock.now()))
      await revocations.media(tx, rows)
    })
    for (const id of mediaIds) {
      const freed = await storage.collect(id)
      if (freed === null) continue
      total.media += 1
      total.objects += freed.objects
      total.bytes += freed.bytes
    }
    return total
  }
}
