import { performance } from 'node:perf_hooks'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { BackfillWish } from '../media-api.ts'
import { listMedia } from '../media-repository.ts'
import type { MediaRow } from '../media-tables.ts'
import { newToken } from '../media-token.ts'
import { shownKeys } from './media-names.ts'
import { MediaError } from './media-pool.ts'
import type { Rendering } from './media-rendering.ts'

const task = 'media.backfill'
const pageSize = 100
/** One job at a time works in its lane: others get their turn between two stretches. */
const stretchMs = 10_000

/** All that is left to do stands in the one job that waits: it is picked up where it was after any crash. */
interface Stretch {
  run: string
  since: string | null
  /** What is uploaded later is rendered by the same rules anyway. */
  until: string
  onlyMissing: boolean
  after: { bucket: number; id: Id } | null
  rendered: number
  failed: number
}

export interface BackfillDeps {
  database: Database
  jobs: Jobs
  clock: Clock
  log: Log
  blobs: BlobStore
  rendering: Rendering
  stretchMs?: number
}

/** Renders media anew that are ready, one after the other, behind everything that a person waits for. */
export function createBackfill(deps: BackfillDeps): { begin(wish: BackfillWish): Promise<void> } {
  const { database, jobs, clock, log, blobs, rendering } = deps

  function enqueue(stretch: Stretch): Promise<void> {
    return jobs.enqueue(task, stretch, { key: `${task}:${stretch.run}` })
  }

  async function isWanted(row: MediaRow, { since, until, onlyMissing }: Stretch): Promise<boolean> {
    if (row.processing_status !== 'ready' || row.revoked_at !== null) return false
    // Of what lasts a day, or is a message, there is no master.
    if (row.master_state !== 'kept') return false
    if (row.created_at > new Date(until) || (since !== null && row.created_at < new Date(since))) return false
    if (!onlyMissing) return true
    for (const key of shownKeys(row)) if (!(await blobs.stat(key))) return true
    return false
  }

  /** False: it keeps the renditions that it has. */
  async function renderOne(row: MediaRow, signal: AbortSignal): Promise<boolean> {
    try {
      await rendering.rerender(row.id, signal)
      return true
    } catch (error) {
      signal.throwIfAborted()
      const detail = error instanceof MediaError ? { code: error.code, detail: error.detail } : { err: error }
      log.warn({ mediaId: row.id, ...detail }, 'a medium could not be rendered anew')
      return false
    }
  }

  jobs.define<Stretch>(task, {
    lane: 'bulk',
    maxAttempts: 25,
    async run(stretch, { signal }) {
      const began = performance.now()
      const now = { ...stretch }
      for (;;) {
        const rows = await listMedia(database.main, now.after ?? undefined, pageSize)
        for (const row of rows) {
          signal.throwIfAborted()
          if (await isWanted(row, now)) {
            if (await renderOne(row, signal)) now.rendered += 1
            else now.failed += 1
          }
          now.after = { bucket: row.bucket, id: row.id }
          if (performance.now() - began >= (deps.stretchMs ?? stretchMs)) return await enqueue(now)
        }
        if (rows.length < pageSize) break
      }
      log.info({ run: now.run, rendered: now.rendered, failed: now.failed }, 'a back-fill has ended')
    },
  })

  return {
    begin: ({ since = null, onlyMissing = false }) =>
      enqueue({
        run: newToken(),
        since: since?.toISOString() ?? null,
        until: new Date(clock.now()).toISOString(),
        onlyMissing,
        after: null,
        rendered: 0,
        failed: 0,
      }),
  }
}
