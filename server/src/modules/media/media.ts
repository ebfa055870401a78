import { join } from 'node:path'
import type { AccountsApi } from '#modules/accounts'
import type { PlacesApi } from '#modules/places'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { Locks } from '#platform/locks/locks.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { createCaptions } from './captions/media-captions.ts'
import { addressesChangeAt, type MediaAddresses } from './delivery/media-addresses.ts'
import { deliverMedia } from './delivery/media-delivery.ts'
import { createOriginals } from './delivery/media-originals.ts'
import type { Revocations } from './delivery/media-revocations.ts'
import { createEvidence } from './evidence/media-evidence.ts'
import { createAllowedInstead } from './media-allowed.ts'
import type { HeldHook, MediaApi, PictureScreening } from './media-api.ts'
import { createAttached } from './media-attached.ts'
import { createAvatars } from './media-avatars.ts'
import { createMediaCapabilities } from './media-capabilities.ts'
import { createMediaFiles } from './media-files.ts'
import { defineMediaJobs } from './media-jobs.ts'
import { createMediaMetrics } from './media-metrics.ts'
import { createMediaModeration } from './media-moderation.ts'
import { createReclaim } from './media-reclaim.ts'
import { oldestProcessing } from './media-repository.ts'
import { mountMedia } from './media-routes.ts'
import { createMediaService } from './media-service.ts'
import { createPresent, progressOf, stateOf } from './media-view.ts'
import { createBackfill } from './rendering/media-backfill.ts'
import type { MediaPool } from './rendering/media-pool.ts'
import { createProgress } from './rendering/media-progress.ts'
import { createQuiet, type Quiet } from './rendering/media-quiet.ts'
import { createRendering } from './rendering/media-rendering.ts'
import { createScratch, scratchFolder } from './rendering/media-scratch.ts'
import type { Videos } from './rendering/media-videos.ts'
import { type CopyPlaces, createCopies, defineCopies, watchCopies } from './storage/media-copies.ts'
import { createKeptObjects } from './storage/media-objects.ts'
import { createQuotas } from './storage/media-quotas.ts'
import { createMediaReads } from './storage/media-reads.ts'
import { createStorage } from './storage/media-storage.ts'
import { leastDays, type TierAges } from './storage/media-tier-rules.ts'
import { createTiering, defineTiering } from './storage/media-tiers.ts'
import { createTus } from './uploads/media-tus.ts'
import { createUploadFiles } from './uploads/media-upload-files.ts'
import { createUploadMetadata } from './uploads/media-upload-metadata.ts'
import { takeUploads } from './uploads/media-upload-routes.ts'
import { createUploads } from './uploads/media-uploads.ts'

export interface MediaDeps {
  database: Database
  ids: IdSource
  events: Events
  jobs: Jobs
  clock: Clock
  log: Log
  metrics: Metrics
  bus: Bus
  locks: Locks
  /** The stores named `media` and, for what lies in its folder, `stories`, as one. */
  blobs: BlobStore
  /** Decoding processes; closed by who made it. */
  pool: MediaPool
  /** Decoding of videos; closed by who made it. */
  videos: Videos
  addresses: MediaAddresses
  revocations: Revocations
  accounts: AccountsApi
  places: PlacesApi
  screening: PictureScreening
  /** The data folder: uploads under way and scratch files lie in it. */
  folder: string
  /** Bytes that uploads leave free on its disk. */
  reserveBytes: number
  /** What an account may keep when it has no limit of its own; null for no limit. */
  quotaBytes: number | null
  /** The store's first place and its copy, for those who look after both; null without a second region. */
  copyPlaces: CopyPlaces | null
  /** When objects go to cheaper places. */
  tierAges: TierAges
  /** For tests in which it must not come to an end by itself. */
  quiet?: Quiet
}

export interface Media {
  api: MediaApi
  routes(http: Http): void
  /** Finishes what a crash interrupted; before requests are taken. */
  recover(): Promise<void>
  close(): Promise<void>
}

export async function createMedia(deps: MediaDeps): Promise<Media> {
  const { database, ids, events, jobs, clock, log, blobs, pool, addresses, accounts, folder } = deps
  const { revocations, videos, locks } = deps
  const metrics = createMediaMetrics(deps.metrics, () => queueAge(database, clock))
  const files = await createUploadFiles(join(folder, 'uploads'), deps.reserveBytes)
  const scratch = await createScratch(scratchFolder(folder), blobs, deps.reserveBytes)

  const service = createMediaService({ database, events, clock, revocations, screening: deps.screening })
  const quotas = createQuotas({ database, defaultBytes: deps.quotaBytes })
  const isTiered = Number.isFinite(leastDays(deps.tierAges))
  const reads = createMediaReads({ database, clock, log })
  const tiering = createTiering({ database, blobs, clock, log, ages: deps.tierAges })
  const copies = deps.copyPlaces && createCopies({ database, clock, log, places: deps.copyPlaces })
  const objects = createKeptObjects({ clock, hasCopy: copies !== null })
  const storage = createStorage({
    ...{ database, blobs, clock, objects, copies, metrics },
    copyPlaces: deps.copyPlaces,
  })
  const videoBytes = videos.limits.maxBytes
  const uploads = createUploads({
    ...{ database, ids, events, clock, log, locks, blobs, objects, files, quotas, videoBytes },
  })
  const avatars = createAvatars({ database, accounts, claims: service, screening: deps.screening })
  // Of somebody who left; all other pictures go with what they are part of.
  accounts.whenErased((id) => avatars.remove(id))
  const held: HeldHook[] = []
  const progress = createProgress({ database, bus: deps.bus, log })
  const rendering = createRendering({
    database,
    events,
    blobs,
    pool,
    videos,
    progress,
    scratch,
    objects,
    avatars,
    revocations,
    screening: deps.screening,
    held,
    metrics,
    log,
    quiet: deps.quiet ?? createQuiet(),
  })
  const backfill = createBackfill({ database, jobs, clock, log, blobs, rendering })
  const allowedInstead = createAllowedInstead(videos.limits)
  const originals = createOriginals({ database, blobs, pool, videos, scratch, objects })
  defineMediaJobs({
    database,
    events,
    jobs,
    clock,
    rendering,
    uploads,
    storage,
    quotas,
    release: service.release,
  })
  if (copies !== null) {
    defineCopies({ copies, events, jobs, clock })
    watchCopies(deps.metrics, copies)
  }
  if (isTiered) defineTiering({ jobs, tiering, reads })

  return {
    api: {
      ...service,
      ...createCaptions({
        ...{ database, events, clock, blobs, objects, revocations },
        folder: scratchFolder(folder),
      }),
      present: createPresent(addresses),
      presentAttached: createAttached({ database, accounts, addresses, allowedInstead }),
      reclaim: createReclaim({ database, clock, revocations, storage }),
      stateOf,
      storage,
      files: createMediaFiles({ database, blobs }),
      evidence: createEvidence({ database, blobs, clock }),
      quotas,
      ...createMediaModeration(database, deps.screening),
      whenHeld: (hook) => void held.push(hook),
      rerenderAll: backfill.begin,
      capabilities: createMediaCapabilities({ videos, log }),
      progressOf,
      allowedInstead,
      addressesChangeAt,
      onProgress: progress.onProgress,
    },
    routes(http) {
      takeUploads(http, createTus({ uploads, files, ids, locks, metrics, videoBytes }))
      deliverMedia(http, {
        database,
        accounts,
        blobs,
        addresses,
        originals,
        reads: isTiered ? reads : unread,
        clock,
        log,
      })
      mountMedia(http, {
        accounts,
        avatars,
        quotas,
        readUploadMetadata: createUploadMetadata(deps),
      })
    },
    async close() {
      await reads.close()
      scratch.close()
    },
    async recover() {
      await scratch.clear()
      const finished = await uploads.finishInterrupted()
      if (finished > 0) log.info({ finished }, 'finished uploads that a crash interrupted')
    },
  }
}

/** Where nothing ever goes to a cheaper place, nobody asks who looks at what. */
const unread = { note: () => undefined }

/** Seconds. */
async function queueAge(database: Database, clock: Clock): Promise<number> {
  const since = await oldestProcessing(database.main)
  return since === null ? 0 : Math.max(0, (clock.now() - since.getTime()) / 1000)
}
