import type { ExportRow } from './exports-tables.ts'

/** One a day: each reads everything that somebody has. */
export const apartMs = 24 * 3_600_000
/** How long its files can be downloaded. */
export const keptMs = 7 * 24 * 3_600_000
/** How long an address leads to a file; a slow line needs hours for a part. */
export const addressMs = 12 * 3_600_000
/** Nothing was written for it for so long: whoever wrote it is gone. */
export const forsakenMs = 15 * 60_000
/** So long it is known that there was one. */
export const rememberedMs = 30 * 24 * 3_600_000

/** `newest`: the person's last ones, newest first. Null: at once. One that failed costs no wait. */
export function mayAskAt(newest: readonly ExportRow[], now: number): Date | null {
  const last = newest.find(({ state }) => state !== 'failed')
  const at = last ? last.created_at.getTime() + apartMs : 0
  return at > now ? new Date(at) : null
}

export function isOver({ state, expires_at }: ExportRow, now: number): boolean {
  return state === 'over' || (expires_at !== null && expires_at.getTime() <= now)
}
