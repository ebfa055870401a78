import { LRUCache } from 'lru-cache'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { noteProgress } from '../media-changes-repository.ts'
import type { MediaRow } from '../media-tables.ts'

/** How far videos have come: kept in their rows, and told to who listens in this process. */
export interface Progress {
  /** From 0 to 1, as often as one likes. */
  note(row: Pick<MediaRow, 'id' | 'owner_id' | 'token'>, share: number): void
  onProgress(listener: (mediaId: Id, ownerId: Id) => void): void
}

/** A row is written, and listeners are told, at most so often. */
const everyMs = 1000
/** Far more than are worked on at once; those that failed fall out. */
const remembered = 100

export function createProgress({ database, log }: { database: Database; log: Log }): Progress {
  const listeners: ((mediaId: Id, ownerId: Id) => void)[] = []
  const lastNoted = new LRUCache<Id, number>({ max: remembered })

  async function keep(row: Pick<MediaRow, 'id' | 'owner_id' | 'token'>, percent: number): Promise<void> {
    await noteProgress(database.main, row, percent)
    for (const listener of listeners) listener(row.id, row.owner_id)
  }

  return {
    note(row, share) {
      const now = performance.now()
      const isLast = share >= 1
      if (!isLast && now - (lastNoted.get(row.id) ?? Number.NEGATIVE_INFINITY) < everyMs) return
      if (isLast) lastNoted.delete(row.id)
      else lastNoted.set(row.id, now)
      const percent = Math.min(100, Math.max(0, Math.floor(share * 100)))
      keep(row, percent).catch((err: unknown) => log.warn({ err, mediaId: row.id }, 'Progress was not noted'))
    },
    onProgress: (listener) => void listeners.push(listener),
  }
}
