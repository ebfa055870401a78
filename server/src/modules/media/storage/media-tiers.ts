import type { BlobStore, Tier } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { retier } from './media-objects.ts'
import { findReads, type MediaReads } from './media-reads.ts'
import { eachStored, findPlace, notePlace, type StoredMedia } from './media-stored-repository.ts'
import { leastDays, type TierAges, tierOf } from './media-tier-rules.ts'

const dayMs = 24 * 3_600_000
/** One night's work; the next goes on from there. */
const nightMs = 2 * 3_600_000
/** So many failures in a row are the place's, not the objects'. */
const mostFailures = 10

export interface TierReport {
  /** Objects by where they went. */
  hot: number
  warm: number
  cold: number
  /** Media of which something could not be put where it belongs. */
  failed: number
}

export interface Tiering {
  /** Puts every object where its age and its readers want it. Can be ended at any moment and run again. */
  run(signal: AbortSignal): Promise<TierReport>
}

export function createTiering(deps: {
  database: Database
  blobs: BlobStore
  clock: Clock
  log: Log
  ages: TierAges
}): Tiering {
  const { database, blobs, clock, log, ages } = deps

  async function tierMedium(row: StoredMedia, readAt: Date | undefined, report: TierReport): Promise<void> {
    const now = clock.now()
    const age = (now - timeOf(row.id)) / dayMs
    const idle = readAt === undefined ? age : Math.min(age, (now - readAt.getTime()) / dayMs)
    const moved = new Map<string, Tier>()
    for (const { key, tier = 'hot' } of row.objects ?? []) {
      const wanted = tierOf(key, { age, idle }, ages)
      // A store without such a place, and an object that went meanwhile, say no.
      if (wanted === tier || !(await blobs.setTier(key, wanted))) continue
      moved.set(key, wanted)
      report[wanted] += 1
    }
    if (moved.size > 0) await database.transaction((tx) => retier(tx, row.id, moved))
  }

  /** False: it could not be done. Its row says what was; tomorrow it is tried again. */
  async function tryMedium(row: StoredMedia, readAt: Date | undefined, report: TierReport): Promise<boolean> {
    try {
      if (row.processing_status !== 'processing') await tierMedium(row, readAt, report)
      return true
    } catch (error) {
      report.failed += 1
      log.error({ err: error, mediaId: row.id }, 'an object could not be put where its age wants it')
      return false
    }
  }

  return {
    async run(signal) {
      const report: TierReport = { hot: 0, warm: 0, cold: 0, failed: 0 }
      const end = clock.now() + nightMs
      const youngest = clock.now() - leastDays(ages) * dayMs
      let place: Id | null = await findPlace(database.main, 'tiers')
      let failures = 0
      for await (const rows of eachStored(database.main, place)) {
        const old = rows.filter((row) => row.revoked_at === null && timeOf(row.id) <= youngest)
        const reads = await findReads(
          database.main,
          rows[0]!.bucket,
          old.map(({ id }) => id),
        )
        for (const row of old) {
          if (signal.aborted || clock.now() > end || failures === mostFailures) {
            await notePlace(database.main, 'tiers', place)
            return report
          }
          failures = (await tryMedium(row, reads.get(row.id), report)) ? 0 : failures + 1
          place = row.id
        }
        place = rows.at(-1)!.id
      }
      await notePlace(database.main, 'tiers', null)
      return report
    },
  }
}

export function defineTiering({
  jobs,
  tiering,
  reads,
}: {
  jobs: Jobs
  tiering: Tiering
  reads: Pick<MediaReads, 'flush'>
}): void {
  jobs.every(
    'media.tier',
    '10 4 * * *',
    async ({ log, signal }) => {
      await reads.flush()
      log.info(await tiering.run(signal), 'objects went where their age wants them')
    },
    { lane: 'bulk' },
  )
}
