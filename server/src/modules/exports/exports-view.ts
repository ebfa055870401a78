import type { Export } from '@heliograph/contract/exports'
import type { ExportRow } from './exports-tables.ts'

/** `usedBytes`: what the person keeps here, by which progress is judged: a copy has little more than that. */
export function presentExport(row: ExportRow, usedBytes: number): Export {
  return {
    id: row.id,
    // One that is over is shown to nobody.
    state: row.state === 'over' ? 'failed' : row.state,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    progress: progressOf(row, usedBytes),
    parts: row.parts.map(({ bytes }, at) => ({ number: at + 1, bytes })),
    missing: row.missing.length,
  }
}

function progressOf({ state, written_bytes }: ExportRow, usedBytes: number): number {
  if (state === 'ready') return 1
  const done = Number(written_bytes) / Math.max(usedBytes, 1)
  return Math.round(Math.min(done, 0.99) * 100) / 100
}

/** As it lies in the folder of downloads. */
export function partName(username: string, row: ExportRow, number: number): string {
  const day = row.created_at.toISOString().slice(0, 10)
  const which = row.parts.length > 1 ? `-${number}-of-${row.parts.length}` : ''
  return `heliograph-${username}-${day}${which}.zip`
}
