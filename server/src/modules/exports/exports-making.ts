import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { AccountsApi } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { BlobStore, StoredObject } from '#platform/blobs/blobs.ts'
import { inCarryFolder } from '#platform/blobs/carry.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id, timeOf } from '#platform/ids/ids.ts'
import { keptMs } from './exports-policy.ts'
import { findExport, listExports, lockExport, updateExport } from './exports-repository.ts'
import type { ExportRow } from './exports-tables.ts'
import type { WritePart, WrittenPart } from './exports-writing.ts'

export interface Making {
  /** Writes the next part. False: there is none, because it is finished or nobody wants it any more. */
  step(id: Id, signal: AbortSignal): Promise<boolean>
  /** It was tried often enough. */
  fail(id: Id): Promise<void>
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  store: BlobStore
  /** A folder for what is on its way into the store. */
  scratch: string
  partBytes: number
  accounts: Pick<AccountsApi, 'findByIds' | 'preferencesOf'>
  media: Pick<MediaApi, 'quotas'>
  writePart: WritePart
}

/** How often is written down how far it came. */
const noteEveryMs = 2000
const missingKept = 1000
/** What is no picture takes less than this of nearly everybody. */
const textBytes = 32 * 1024 * 1024

/**
 * A copy is made part by part, each in a job of its own: whatever ends this server loses the part under way, which is written
 * again. Of two who write the same part one is first, and the other's file goes.
 */
export function createMaking(deps: Deps): Making {
  const { database, events, clock, store, scratch, partBytes, accounts, media, writePart } = deps

  async function write(row: ExportRow, path: string, signal: AbortSignal): Promise<WrittenPart> {
    const [people, preferences] = await Promise.all([
      accounts.findByIds([row.user_id]),
      accounts.preferencesOf([row.user_id]),
    ])
    const { language = 'en', timeZone = 'UTC' } = preferences.get(row.user_id) ?? {}
    const before = Number(row.written_bytes)
    let notedAt = clock.now()
    return await writePart({
      wish: { id: row.user_id, before: row.id },
      username: people.get(row.user_id)?.username ?? row.user_id,
      language,
      timeZone,
      from: row.place,
      missingBefore: row.missing,
      ...{ path, signal, limitBytes: partBytes },
      onProgress(bytes) {
        if (clock.now() - notedAt < noteEveryMs) return
        notedAt = clock.now()
        // A figure to look at, and that somebody is at it: the next one makes up for one that is lost.
        const noted = { written_bytes: before + bytes, worked_at: new Date(notedAt) }
        updateExport(database.main, row.id, noted).catch(() => undefined)
      },
    })
  }

  /** False: somebody else was first, or it is not wanted any more. */
  function keep(row: ExportRow, part: StoredObject, { next, missing }: WrittenPart): Promise<boolean> {
    return database.transaction(async (tx) => {
      const now = new Date(clock.now())
      const locked = await lockExport(tx, row.id)
      if (locked?.state !== 'preparing' || locked.parts.length !== row.parts.length) return false
      const parts = [...locked.parts, part]
      await updateExport(tx, row.id, {
        parts: JSON.stringify(parts),
        place: next && JSON.stringify(next),
        missing: JSON.stringify([...locked.missing, ...missing].slice(0, missingKept)),
        written_bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
        worked_at: now,
        ...(next === null && {
          state: 'ready',
          finished_at: now,
          expires_at: new Date(now.getTime() + keptMs),
        }),
      })
      if (next !== null) return true
      // The one before is worth nothing any more.
      for (const older of await listExports(tx, row.user_id, 10))
        if (older.id !== row.id && older.state === 'ready')
          await updateExport(tx, older.id, { expires_at: now })
      await events.emit(tx, 'exports.ready', {
        bucket: bucketOf(row.user_id),
        subjectId: row.user_id,
        data: { exportId: row.id },
      })
      return true
    })
  }

  return {
    async step(id, signal) {
      const row = await findExport(database.main, id)
      if (row?.state !== 'preparing') return false
      // Beside what it becomes in the store, it lies here once.
      const { usedBytes } = await media.quotas.of(row.user_id)
      if (!(await store.hasRoom(2 * Math.min(partBytes, usedBytes + textBytes))))
        throw fault('server.storage_full')
      return await inCarryFolder(scratch, async (folder) => {
        const path = join(folder, 'part.zip')
        const written = await write(row, path, signal)
        const part = await store.putFile(partKey(row), path, { type: 'application/zip' })
        const isKept = await keep(row, part, written)
        if (!isKept) await store.delete(part.key)
        return isKept && written.next !== null
      })
    },

    async fail(id) {
      await database.transaction(async (tx) => {
        const row = await lockExport(tx, id)
        if (row?.state !== 'preparing') return
        const now = new Date(clock.now())
        await updateExport(tx, id, {
          state: 'failed',
          finished_at: now,
          expires_at: new Date(now.getTime() + keptMs),
        })
        await events.emit(tx, 'exports.failed', {
          bucket: bucketOf(row.user_id),
          subjectId: row.user_id,
          data: { exportId: id },
        })
      })
    },
  }
}

/** Nobody guesses it, though no address leads there either. */
function partKey({ id, parts }: ExportRow): string {
  const day = new Date(timeOf(id)).toISOString().slice(0, 10).replaceAll('-', '/')
  return `${day}/${id}_${parts.length + 1}_${randomBytes(9).toString('base64url')}.zip`
}

/** Undefined: no name of ours. */
export function exportIdOfKey(key: string): Id | undefined {
  return /\/([1-9][0-9]{0,18})_[0-9]+_[A-Za-z0-9_-]+\.zip$/.exec(key)?.[1]
}
