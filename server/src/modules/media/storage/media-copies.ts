import { type BlobStore, hashBlob, type Tier } from '#platform/blobs/blobs.ts'
import { copyBlob } from '#platform/blobs/carry.ts'
import { mapWide } from '#platform/blobs/wide.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { MediaObject } from '../media-tables.ts'
import { type Finding, noFinding, note } from './media-findings.ts'
import { retier } from './media-objects.ts'
import { eachStored, findStoredMedia } from './media-stored-repository.ts'
import {
  deleteUncopied,
  findUncopied,
  forgetCopyFailures,
  listUncopied,
  noteCopyFailure,
  sumUncopied,
} from './media-uncopied-repository.ts'
import { knownKeys, mastersOf } from './media-verify.ts'

/** The first place, the copy, and a folder for what is on the way. */
export interface CopyPlaces {
  primary: BlobStore
  replica: BlobStore
  scratch: string
}

export interface RepairReport {
  /** Lost or changed in the first place, and brought back from the copy. */
  restored: Finding
  /** Not in the copy, or changed there, and given to it. */
  copied: Finding
  /** Whole in neither. */
  lost: Finding
}

export interface Copies {
  /** Gives the copy what it lacks of a medium. Doing it twice is harmless. */
  copy(mediaId: Id): Promise<void>
  /** `lost`: something of it is not whole in the first place, and no copy is tried any more until it is repaired. */
  lag(): Promise<{ waiting: number; lost: number; oldestSeconds: number }>
  listWaiting(before: Date, limit: number): Promise<Id[]>
  /** Everything in both places, by size; in depth by hash. */
  repair(options: { deep: boolean }): Promise<RepairReport>
}

export interface CopiesDeps {
  database: Database
  clock: Clock
  log: Log
  places: CopyPlaces
}

export function createCopies(deps: CopiesDeps): Copies {
  const { database, clock, log, places } = deps
  const { primary, replica, scratch } = places

  async function copyObject({ key, bytes, sha256 }: MediaObject): Promise<boolean> {
    if ((await replica.stat(key))?.size === bytes) return true
    const sent = await copyBlob(key, { from: primary, to: replica, scratch, keepsBoth: true })
    if (sent === null || sent.sha256 === sha256) return sent !== null
    // What is broken here must not take the place of what may be whole there some day.
    await replica.delete(key)
    log.error({ key }, 'an object is not what was put; it was not copied')
    return false
  }

  /** Deleted or replaced while it was copied: whoever removed it may have looked before the copy was there. */
  async function dropUnwanted(mediaId: Id, copied: readonly MediaObject[]): Promise<void> {
    const [now] = await findStoredMedia(database.main, [mediaId])
    const wanted = new Set(now && now.revoked_at === null ? [...knownKeys(now), ...mastersOf(now)] : [])
    await replica.deleteMany(copied.map(({ key }) => key).filter((key) => !wanted.has(key)))
  }

  return {
    async copy(mediaId) {
      // Before the objects are read: what is stored from here on counts as one more change.
      const uncopied = await findUncopied(database.main, mediaId)
      if (!uncopied) return
      const [row] = await findStoredMedia(database.main, [mediaId])
      if (!row || row.revoked_at !== null || row.objects === null)
        return await deleteUncopied(database.main, mediaId, uncopied.changes)
      const isWhole = (await mapWide(row.objects, copyObject)).every(Boolean)
      await dropUnwanted(mediaId, row.objects)
      const settle = isWhole ? deleteUncopied : noteCopyFailure
      await settle(database.main, mediaId, uncopied.changes)
    },
    async lag() {
      const { waiting, lost, oldest } = await sumUncopied(database.main)
      const oldestSeconds = oldest === null ? 0 : Math.max(0, (clock.now() - oldest.getTime()) / 1000)
      return { waiting, lost, oldestSeconds: Math.round(oldestSeconds) }
    },
    listWaiting: (before, limit) => listUncopied(database.main, before, limit),
    async repair({ deep }) {
      const report: RepairReport = { restored: noFinding(), copied: noFinding(), lost: noFinding() }
      for await (const rows of eachStored(database.main)) {
        const whole: Id[] = []
        for (const row of rows.filter(({ revoked_at: revokedAt }) => revokedAt === null)) {
          const before = report.lost.count
          const restored = new Map<string, Tier>()
          for (const object of row.objects ?? [])
            if ((await repairObject(places, object, { deep, report })) === 'restored')
              restored.set(object.key, 'hot')
          // What is brought back lies where new objects lie, wherever it lay before.
          if (restored.size > 0) await database.transaction((tx) => retier(tx, row.id, restored))
          if (report.lost.count === before) whole.push(row.id)
        }
        await forgetCopyFailures(database.main, whole)
      }
      return report
    },
  }
}

async function repairObject(
  { primary, replica, scratch }: CopyPlaces,
  object: MediaObject,
  { deep, report }: { deep: boolean; report: RepairReport },
): Promise<'whole' | 'restored' | 'copied' | 'lost'> {
  const { key, bytes } = object
  const isHere = await isWholeIn(primary, object, deep)
  const isThere = await isWholeIn(replica, object, deep)
  if (isHere && isThere) return 'whole'
  const [from, to] = isHere ? [primary, replica] : [replica, primary]
  // Before one takes the other's place it is read, however shallow the look was.
  const isWhole = (isHere || isThere) && (await isWholeIn(from, object, true))
  const outcome = !isWhole ? 'lost' : isHere ? 'copied' : 'restored'
  note(report[outcome], key, bytes)
  if (outcome === 'lost') return outcome
  await copyBlob(key, { from, to, scratch, keepsBoth: true })
  return outcome
}

async function isWholeIn(
  store: BlobStore,
  { key, bytes, sha256 }: MediaObject,
  deep: boolean,
): Promise<boolean> {
  if ((await store.stat(key))?.size !== bytes) return false
  return !deep || (await hashBlob(store, key))?.sha256 === sha256
}

const sweepSize = 1000
const sweepAgeMs = 5 * 60_000

/** From the events, as soon as something is stored; from the rows, whatever became of the queue. */
export function defineCopies(deps: { copies: Copies; events: Events; jobs: Jobs; clock: Clock }): void {
  const { copies, events, jobs, clock } = deps
  const keyOf = (mediaId: Id) => `media.copy:${mediaId}`
  jobs.define<{ mediaId: Id }>('media.copy', {
    // Behind a night's work for hours the copy would be as old as that.
    lane: 'default',
    maxAttempts: 10,
    run: ({ mediaId }) => copies.copy(mediaId),
  })
  for (const kind of ['media.uploaded', 'media.ready'] as const)
    events.react(kind, 'media.copy', ({ subjectId }) => ({ mediaId: subjectId }), {
      key: ({ subjectId }) => keyOf(subjectId),
    })
  jobs.every('media.copy_waiting', '*/5 * * * *', async () => {
    const waiting = await copies.listWaiting(new Date(clock.now() - sweepAgeMs), sweepSize)
    await jobs.enqueueMissing(
      waiting.map((mediaId) => ({
        name: 'media.copy',
        payload: { mediaId },
        options: { key: keyOf(mediaId) },
      })),
    )
  })
}

export function watchCopies(metrics: Metrics, copies: Copies): void {
  metrics.watch(
    'heliograph_replica_waiting',
    'Media of which something is not in the second region yet; not counted beyond 10,000.',
    async () => (await copies.lag()).waiting,
  )
  metrics.watch(
    'heliograph_replica_lost',
    'Media of which something is lost or broken in the first place and was never copied. See: heliograph storage repair',
    async () => (await copies.lag()).lost,
  )
  metrics.watch(
    'heliograph_replica_lag_seconds',
    'How long the medium that waits longest has not been whole in the second region.',
    async () => (await copies.lag()).oldestSeconds,
  )
}
