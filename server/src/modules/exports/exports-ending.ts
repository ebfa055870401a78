import { Counter } from 'prom-client'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { exportIdOfKey } from './exports-making.ts'
import { rememberedMs } from './exports-policy.ts'
import {
  deleteExport,
  findExport,
  forgetOver,
  listEnded,
  listExports,
  lockExport,
  updateExport,
} from './exports-repository.ts'
import type { ExportRow } from './exports-tables.ts'

export interface EndedExports {
  exports: number
  files: number
  bytes: number
}

export interface Ending {
  /** Takes the files of those whose time is over, and counts them. */
  endDue(): Promise<EndedExports>
  /** Files that no row knows: what a crash left between store and database. */
  collectOrphans(): Promise<EndedExports>
  /** Of somebody who left: files and rows. */
  erase(userId: Id): Promise<void>
}

interface Deps {
  database: Database
  clock: Clock
  metrics: Pick<Metrics, 'registry'>
  store: BlobStore
}

const batch = 100

export function createEnding({ database, clock, metrics, store }: Deps): Ending {
  const count = createCounters(metrics)

  /** Files first: a crash in between leaves a row that says what is still to be done. */
  async function takeFiles(row: ExportRow): Promise<EndedExports> {
    await store.deleteMany(row.parts.map(({ key }) => key))
    const bytes = row.parts.reduce((sum, part) => sum + part.bytes, 0)
    return count({ exports: 1, files: row.parts.length, bytes })
  }

  /** Whoever writes at it writes nothing more down: what it has is all there is to take. */
  function stop(id: Id): Promise<ExportRow | undefined> {
    return database.transaction(async (tx) => {
      const row = await lockExport(tx, id)
      if (row) await updateExport(tx, id, { state: 'over', expires_at: new Date(clock.now()) })
      return row
    })
  }

  return {
    async endDue() {
      const ended: EndedExports = { exports: 0, files: 0, bytes: 0 }
      for (;;) {
        const rows = await listEnded(database.main, new Date(clock.now()), batch)
        for (const row of rows) {
          add(ended, await takeFiles(row))
          // That one failed is in the way of nothing, and need not be remembered.
          if (row.state === 'failed') await deleteExport(database.main, row.id)
          else
            await updateExport(database.main, row.id, {
              ...{ state: 'over', parts: '[]', missing: '[]' },
              ...{ place: null, expires_at: null },
            })
        }
        if (rows.length < batch) break
      }
      await forgetOver(database.main, new Date(clock.now() - rememberedMs))
      return ended
    },

    async collectOrphans() {
      const ended: EndedExports = { exports: 0, files: 0, bytes: 0 }
      for await (const { key, size } of store.list('')) {
        const id = exportIdOfKey(key)
        if (id === undefined) continue
        // Of one that is being made a file may be about to be written down; of others none is any more.
        const row = await findExport(database.main, id)
        if (row?.state === 'preparing' || row?.parts.some((part) => part.key === key)) continue
        await store.delete(key)
        add(ended, count({ exports: 0, files: 1, bytes: size }))
      }
      return ended
    },

    async erase(userId) {
      for (;;) {
        const rows = await listExports(database.main, userId, batch)
        for (const { id } of rows) {
          const row = await stop(id)
          if (row) await takeFiles(row)
          await deleteExport(database.main, id)
        }
        if (rows.length < batch) return
      }
    },
  }
}

function add(sum: EndedExports, more: EndedExports): void {
  sum.exports += more.exports
  sum.files += more.files
  sum.bytes += more.bytes
}

function createCounters({ registry }: Pick<Metrics, 'registry'>): (ended: EndedExports) => EndedExports {
  const registers = [registry]
  const files = new Counter({
    name: 'heliograph_export_files_reclaimed_total',
    help: 'Files of copies that people asked for, taken away when their time was over.',
    registers,
  })
  const bytes = new Counter({
    name: 'heliograph_export_bytes_reclaimed_total',
    help: 'Their bytes.',
    registers,
  })
  return (ended) => {
    files.inc(ended.files)
    bytes.inc(ended.bytes)
    return ended
  }
}
