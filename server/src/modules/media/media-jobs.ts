import type { UploadPurpose } from '@heliograph/contract/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { listLeavingMasters, listProcessing, listRevoked } from './media-repository.ts'
import type { MediaType } from './media-tables.ts'
import { mostAttempts, type Rendering } from './rendering/media-rendering.ts'
import type { Quotas } from './storage/media-quotas.ts'
import type { CopyKeeping, Storage } from './storage/media-storage.ts'
import type { Share } from './storage/media-verify.ts'
import type { Uploads } from './uploads/media-uploads.ts'

const minute = 60_000
/** No address leads to what was replaced; what is being read of it at that moment is read to its end. */
const grace = 10 * minute
/** A back-fill replaces the same by the same: a page, and a film that is being watched, goes on with what it began. */
const lingering = 120 * minute
const sweepSize = 1000
/** In so many nights each medium's objects are asked for: a store of millions answers for hours. */
const nightsForAll = 7
/** More than these, and more than a tenth of everything, are not removed without an operator. */
const fewOrphans = 1000

export interface MediaJobsDeps {
  database: Database
  events: Events
  jobs: Jobs
  clock: Clock
  rendering: Rendering
  uploads: Uploads
  storage: Storage
  quotas: Quotas
  release: (tx: Tx, mediaIds: Id[]) => Promise<void>
}

export function defineMediaJobs(deps: MediaJobsDeps): void {
  defineRendering(deps)
  defineRemoval(deps)
  defineSweeps(deps)
}

const laneOf = {
  'media.render': 'fresh',
  'media.voice': 'fresh',
  'media.clip': 'clip',
  'media.transcode': 'video',
} as const
type RenderJob = keyof typeof laneOf

/**
 * A photograph never waits behind a film, nor does somebody's voice; a Story, which lasts a day and a minute at most, waits
 * behind no other film than those of Stories.
 */
function jobOf({ mediaType, purpose }: { mediaType: MediaType; purpose: UploadPurpose }): RenderJob {
  if (mediaType === 'video') return purpose === 'story' ? 'media.clip' : 'media.transcode'
  return mediaType === 'voice' ? 'media.voice' : 'media.render'
}

/** One waiting job for each medium: it renders whatever revision is wanted when it starts. */
function renderKey(job: RenderJob, mediaId: Id): string {
  return `${job}:${mediaId}`
}

function defineRendering({ events, jobs, rendering }: MediaJobsDeps): void {
  for (const job of Object.keys(laneOf) as RenderJob[]) {
    jobs.define<{ mediaId: Id }>(job, {
      lane: laneOf[job],
      maxAttempts: mostAttempts,
      run: ({ mediaId }, { signal }) => rendering.render(mediaId, signal),
      exhausted: ({ mediaId }) => rendering.giveUp(mediaId),
    })
    for (const kind of ['media.uploaded', 'media.render_requested'] as const) {
      events.react(
        kind,
        job,
        // Events of before there were videos do not say what they are about.
        ({ subjectId, data: { mediaType = 'photo', purpose } }) =>
          jobOf({ mediaType, purpose }) === job ? { mediaId: subjectId } : null,
        { key: ({ subjectId }) => renderKey(job, subjectId) },
      )
    }
  }
}

function defineRemoval({ events, jobs, storage, clock }: MediaJobsDeps): void {
  jobs.define<{ mediaId: Id }>('media.collect', {
    lane: 'default',
    maxAttempts: 10,
    run: async ({ mediaId }) => void (await storage.collect(mediaId)),
  })
  jobs.define<{ keys: string[] }>('media.delete_objects', {
    lane: 'default',
    maxAttempts: 10,
    run: ({ keys }) => storage.deleteReplaced(keys),
  })
  events.react('media.released', 'media.collect', ({ subjectId }) => ({ mediaId: subjectId }), {
    key: ({ subjectId }) => `media.collect:${subjectId}`,
  })
  jobs.define<{ mediaId: Id }>('media.drop_master', {
    lane: 'default',
    maxAttempts: 10,
    run: ({ mediaId }) => storage.dropMaster(mediaId),
  })
  events.react('media.master_unneeded', 'media.drop_master', ({ subjectId }) => ({ mediaId: subjectId }), {
    key: ({ subjectId }) => `media.drop_master:${subjectId}`,
  })
  const replaced = (keys: string[]) => (keys.length > 0 ? { keys } : null)
  const after = (ms: number) => new Date(clock.now() + ms)
  events.react('media.ready', 'media.delete_objects', ({ data }) => replaced(data.replacedKeys), {
    runAt: ({ data }) => after(data.lingers ? lingering : grace),
  })
  events.react('media.captions_changed', 'media.delete_objects', ({ data }) => replaced(data.replacedKeys), {
    runAt: () => after(grace),
  })
}

/** The queue may be lost at any moment: the rows say what is still to be done. */
function defineSweeps(deps: MediaJobsDeps): void {
  const { database, jobs, clock, uploads, storage, quotas, release } = deps
  const before = (ms: number) => new Date(clock.now() - ms)
  jobs.every('media.finish_uploads', '*/5 * * * *', async () => {
    await uploads.finishInterrupted()
  })
  jobs.every('media.expire_uploads', '*/10 * * * *', async () => {
    await uploads.expire(release)
  })
  jobs.every('media.rescue', '*/5 * * * *', async () => {
    const waiting = await listProcessing(database.main, before(15 * minute), sweepSize)
    const leaving = await listLeavingMasters(database.main, before(60 * minute), sweepSize)
    const overdue = await listRevoked(database.main, before(60 * minute), sweepSize)
    // A job that is in the line keeps its place and its attempts: with a backlog the oldest would starve.
    await jobs.enqueueMissing([
      ...waiting.map(({ id, media_type: mediaType, purpose }) => {
        const name = jobOf({ mediaType, purpose })
        return { name, payload: { mediaId: id }, options: { key: renderKey(name, id) } }
      }),
      ...leaving.map((id) => ({
        name: 'media.drop_master',
        payload: { mediaId: id },
        options: { key: `media.drop_master:${id}` },
      })),
      ...overdue.map((id) => ({
        name: 'media.collect',
        payload: { mediaId: id },
        options: { key: `media.collect:${id}` },
      })),
    ])
  })
  jobs.every(
    'media.reconcile',
    '40 3 * * *',
    async ({ log }) => {
      const day = Math.floor(clock.now() / (24 * 60 * minute))
      const share = { part: day % nightsForAll, of: nightsForAll }
      const { stored, referenced, missing, resized, orphans } = await storage.verify({ deep: false, share })
      const mayCollect = orphans.count <= Math.max(fewOrphans, stored.objects / 10)
      if (mayCollect) await storage.collectOrphans({ dryRun: false })
      const counters = await quotas.recount()
      const report = { stored, referenced, orphans: orphans.count, countersRepaired: counters.repaired }
      if (missing.count + resized.count > 0)
        log.error({ ...report, missing, resized }, 'the store lacks what it should hold')
      else if (!mayCollect)
        log.error(
          report,
          'so much of the store is referred to by nothing that it may belong to another database; nothing was removed. See: heliograph storage collect',
        )
      else log.info(report, 'store and database agree')
      if (storage.copies) await reconcileCopy(storage.copies, { share, mayCollect, log })
    },
    { lane: 'bulk' },
  )
}

/** Last, and for itself: a second region that is away keeps nobody from the rest of the night's work. */
async function reconcileCopy(
  copies: CopyKeeping,
  { share, mayCollect, log }: { share: Share; mayCollect: boolean; log: Log },
): Promise<void> {
  try {
    const { missing, resized } = await copies.verify({ deep: false, share })
    if (missing.count + resized.count > 0)
      log.error(
        { missing, resized },
        'the second region lacks what it should hold. Give it: heliograph storage repair',
      )
    if (mayCollect) await copies.collectOrphans({ dryRun: false })
  } catch (error) {
    log.error({ err: error }, 'the second region could not be looked at')
  }
}
