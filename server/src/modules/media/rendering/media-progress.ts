import { LRUCache } from 'lru-cache'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { noteProgress } from '../media-changes-repository.ts'
import type { MediaRow } from '../media-tables.ts'

/** How far videos have come: kept in their rows, and told to who listens, in every process. */
export interface Progress {
  /** From 0 to 1, as often as one likes. */
  note(row: Pick<MediaRow, 'id' | 'owner_id' | 'token'>, share: number): void
  onProgress(listener: (mediaId: Id, ownerId: Id) => void): void
}

/** A row is written, and listeners are told, at most so often. */
const everyMs = 1000
/** Far more than are worked on at once; those that failed fall out. */
const remembered = 100
const channel = 'media.progress'

export function createProgress(deps: { database: Database; bus: Bus; log: Log }): Progress {
  const { database, bus, log } = deps
  const listeners: ((mediaId: Id, ownerId: Id) => void)[] = []
  const lastNoted = new LRUCache<Id, number>({ max: remembered })

  bus.subscribe(channel, (text) => {
    const [mediaId, ownerId] = JSON.parse(text) as [Id, Id]
    for (const listener of listeners) listener(mediaId, ownerId)
  })

  async function keep(row: Pick<MediaRow, 'id' | 'owner_id' | 'token'>, percent: number): Promise<void> {
    await noteProgress(database.main, row, percent)
    bus.publish(channel, JSON.stringify([row.id, row.owner_id]))
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
