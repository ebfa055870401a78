import type { ColumnType, JSONColumnType, Selectable } from 'kysely'
import type { StoredObject } from '#platform/blobs/blobs.ts'
import type { Id } from '#platform/ids/ids.ts'

/** Where writing goes on: behind what was written last. */
export interface ExportPlace {
  room: string
  /** The last of the room's places that is written whole; null: none. */
  after: string | null
  /** The last file of the next place that is written; null: none of it is. */
  file: string | null
}

/** `over`: its files are gone. */
export type ExportState = 'preparing' | 'ready' | 'failed' | 'over'

export interface ExportsTable {
  bucket: number
  id: Id
  user_id: Id
  state: ExportState
  place: ColumnType<ExportPlace | null, string | null, string | null>
  parts: JSONColumnType<StoredObject[], string, string>
  missing: JSONColumnType<string[], string, string>
  written_bytes: ColumnType<string, number, number>
  created_at: Date
  /** When something was last written for it. */
  worked_at: Date
  finished_at: Date | null
  expires_at: Date | null
}

export interface ExportsTables {
  exports: ExportsTable
}

export type ExportRow = Selectable<ExportsTable>

/** The person is the subject of each. */
export interface ExportsEvents {
  'exports.asked': { exportId: Id }
  'exports.ready': { exportId: Id }
  'exports.failed': { exportId: Id }
}
