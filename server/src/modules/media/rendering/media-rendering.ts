import type { BlobStore, StoredObject } from '#platform/blobs/blobs.ts'
import { mapWide } from '#platform/blobs/wide.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { isFault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Revocations } from '../delivery/media-revocations.ts'
import type { HeldHook, PictureScreening } from '../media-api.ts'
import type { Avatars } from '../media-avatars.ts'
import { beginRendering, forgetAttempt, settleMedia } from '../media-changes-repository.ts'
import { factOf } from '../media-facts.ts'
import { keysOf, type RenditionKeys } from '../media-keys.ts'
import type { MediaMetrics } from '../media-metrics.ts'
import { findMedia } from '../media-repository.ts'
import type { MediaRow, Moderation } from '../media-tables.ts'
import { newToken } from '../media-token.ts'
import { type KeptObjects, renderingOf } from '../storage/media-objects.ts'
import { decode } from './media-decoding.ts'
import { deleteAll, lingeringNames, namesOf, shownNames, tokenShown } from './media-names.ts'
import { isFullDisk, MediaError, type MediaPool, type RenderOptions } from './media-pool.ts'
import type { Progress } from './media-progress.ts'
import type { Quiet } from './media-quiet.ts'
import { isSeen, type Judged, judgedAs, keyOf, type Made, renderedOf } from './media-rendered.ts'
import type { Scratch } from './media-scratch.ts'
import type { Videos } from './media-videos.ts'

/** Renderings begun for one revision, over all jobs: after these it is failed for good. */
export const mostAttempts = 7

export interface RenderingDeps {
  database: Database
  events: Events
  blobs: BlobStore
  pool: MediaPool
  videos: Videos
  progress: Progress
  scratch: Scratch
  objects: KeptObjects
  avatars: Avatars
  revocations: Revocations
  screening: PictureScreening
  /** Told before a picture is shown that a moderator should see first. */
  held: readonly HeldHook[]
  metrics: MediaMetrics
  log: Log
  quiet: Quiet
}

export interface Rendering {
  /** Makes the medium ready, or failed when the picture is to blame. Throws when trying again may help. */
  render(mediaId: Id, signal: AbortSignal): Promise<void>
  /**
   * The same once more for one that is ready and stays so: new renditions take the place of the old ones, or nothing
   * happens. Throws when they could not be made.
   */
  rerender(mediaId: Id, signal: AbortSignal): Promise<void>
  /** The last try failed. */
  giveUp(mediaId: Id): Promise<void>
}

export function createRendering(deps: RenderingDeps): Rendering {
  const { database, metrics, log, quiet } = deps

  async function giveUp(mediaId: Id): Promise<void> {
    const row = await findMedia(database.main, mediaId)
    // Fewer were begun when the store was away: those do not count, and the sweep asks again until it is back.
    if (row?.processing_status === 'processing' && row.attempts >= mostAttempts)
      await fail(deps, row, 'media.failed')
  }

  return {
    giveUp,
    async rerender(mediaId, signal) {
      await quiet.wait(signal)
      const row = await findMedia(database.main, mediaId)
      if (row?.processing_status !== 'ready' || row.revoked_at !== null || row.master_state !== 'kept') return
      await renderOnce(deps, { ...row, token: newToken() }, { signal, lane: 'bulk' })
    },
    async render(mediaId, signal) {
      const row = await beginRendering(database.main, mediaId)
      if (!row) return
      if (row.attempts > mostAttempts) return await fail(deps, row, 'media.failed')
      const endTimer = metrics.rendering.startTimer()
      try {
        const work = () => renderOnce(deps, row, { signal, lane: 'fresh' })
        // A film takes minutes: priority alone keeps what can wait out of its way.
        await (row.media_type === 'photo' ? quiet.break(work) : work())
        endTimer({ outcome: 'ready' })
      } catch (error) {
        // Nor is it the picture's fault that the server is stopped: whoever restarts it often uses up no tries.
        if (signal?.aborted || isStoreTrouble(error)) await forgetAttempt(database.main, row)
        if (!(error instanceof MediaError) || error.retryable) throw error
        log.info({ mediaId, problem: error.code, detail: error.detail }, 'a medium could not be prepared')
        await fail(deps, row, error.code)
        endTimer({ outcome: 'failed' })
      }
    },
  }
}

/** Nothing that the picture or its owner could do better. */
function isStoreTrouble(error: unknown): boolean {
  if (error instanceof MediaError) return isFullDisk(error)
  return isFault(error, 'server.unavailable') || isFault(error, 'server.storage_full')
}

/**
 * A picture of oneself is shown to everybody everywhere, and a Story is over before a moderator has looked: what is not
 * sure there is not taken, and waits for nobody.
 */
function isSureOrNot({ purpose }: MediaRow): boolean {
  return purpose === 'avatar' || purpose === 'story'
}

function refusalOf(row: MediaRow, { verdict }: Moderation): 'media.blocked' | 'media.unsuitable' | null {
  if (verdict === 'blocked') return 'media.blocked'
  return isSureOrNot(row) && verdict === 'review' ? 'media.unsuitable' : null
}

async function renderOnce(deps: RenderingDeps, row: MediaRow, options: RenderOptions): Promise<void> {
  const { blobs, scratch, screening, metrics } = deps
  if (Number(row.file_size) === 0) throw new MediaError('media.empty')
  // What a moderator has let through stays through.
  const isJudged = options.lane === 'fresh'
  const keys = keysOf(row)
  const { result, stored, refusal } = await scratch.withMaster(masterOf(row), async (paths) => {
    const classify = isJudged && screening.classify ? { classify: screening.classify } : {}
    const made = await decode(deps, row, { ...paths, ...classify }, options)
    const moderation = isJudged && isSeen(made) ? await screening.judge(row.purpose, judgedAs(made)) : null
    const result: Judged = { ...made, moderation }
    const refusal = result.moderation && refusalOf(row, result.moderation)
    // Only durable renditions are ever spoken of: the row follows when all of them stand.
    const files: Made['files'][number][] = refusal ? [] : made.files
    const stored = await mapWide(files, (file) =>
      blobs.putFile(keyOf(keys, file), file.path, { type: file.type }),
    )
    return { result, stored, refusal }
  })
  metrics.decoding.observe(result.cpuMs / 1000)
  if (refusal) return await fail(deps, row, refusal, result.moderation ?? undefined)
  const made = { keys, result, stored, isSamePicture: options.lane === 'bulk' }
  if (!(await settleReady(deps, row, made))) await discard(deps, row, keys)
}

/** A film's copy, what is encoded and what that is packed into; beside films, everything else is small. */
const filmTakes = 3

function masterOf({ master_key: key, media_type: type, file_size: bytes }: MediaRow) {
  return { key, roomBytes: type === 'video' ? filmTakes * Number(bytes) : 0 }
}

interface Settling {
  keys: RenditionKeys
  result: Judged
  stored: StoredObject[]
  /** Nobody chose anything: what shows the rendering before may go on with it for a while. */
  isSamePicture: boolean
}

async function settleReady(
  deps: RenderingDeps,
  row: MediaRow,
  { keys, result, stored, isSamePicture }: Settling,
): Promise<boolean> {
  const { database, events, objects, avatars, metrics, revocations } = deps
  const settle = database.transaction(
    async (tx) => {
      if (row.purpose === 'avatar') await avatars.lock(tx, row.owner_id)
      if (result.moderation) await tellHeld(deps, tx, row, result.moderation)
      const change = {
        processing_status: 'ready' as const,
        failure_code: null,
        ...renderedOf(row, keys, result),
        lingering_token: isSamePicture ? tokenShown(row) : null,
      }
      const ready = await settleMedia(tx, row, change)
      if (!ready) throw new Superseded()
      await objects.change(tx, ready.id, renderingOf(stored))
      if (ready.purpose === 'avatar') await avatars.show(tx, ready)
      const replacedKeys = shownNames(row).filter((name) => !shownNames(ready).includes(name))
      if (!isSamePicture) await revocations.renderings(tx, [...replacedKeys, ...lingeringNames(row)])
      const data = { ...factOf(ready), revision: ready.revision, replacedKeys, lingers: isSamePicture }
      await events.emit(tx, 'media.ready', { bucket: ready.bucket, subjectId: ready.id, data })
      if (ready.master_state === 'leaving')
        await events.emit(tx, 'media.master_unneeded', {
          bucket: ready.bucket,
          subjectId: ready.id,
          data: factOf(ready),
        })
    },
    { by: row.owner_id },
  )
  if (!(await isSettled(settle))) return false
  if (row.processing_status === 'processing') metrics.uploads.inc({ outcome: 'ready' })
  return true
}

/** Somebody wants another revision by now, or none: what was done with this one is taken back. */
class Superseded extends Error {}

async function isSettled(settle: Promise<void>): Promise<boolean> {
  try {
    await settle
    return true
  } catch (error) {
    if (error instanceof Superseded) return false
    throw error
  }
}

/** The post that it belongs to waits for a moderator then, also when what is refused is never shown. */
async function tellHeld({ held }: RenderingDeps, tx: Tx, row: MediaRow, found: Moderation): Promise<void> {
  if (row.post_id === null || found.verdict === 'pass') return
  const picture = { id: row.id, ownerId: row.owner_id, postId: row.post_id }
  for (const hook of held) await hook(tx, picture, found)
}

async function fail(
  deps: RenderingDeps,
  row: MediaRow,
  code: string,
  moderation?: Moderation,
): Promise<void> {
  const { database, events, avatars, metrics } = deps
  const settle = database.transaction(
    async (tx: Tx) => {
      if (row.purpose === 'avatar') await avatars.lock(tx, row.owner_id)
      if (moderation) await tellHeld(deps, tx, row, moderation)
      const failed = await settleMedia(tx, row, {
        processing_status: 'failed',
        failure_code: code,
        ...(moderation ? { moderation: JSON.stringify(moderation) } : {}),
      })
      if (!failed) throw new Superseded()
      if (failed.purpose === 'avatar') await avatars.fail(tx, failed)
      const data = { ...factOf(failed), revision: failed.revision, code }
      await events.emit(tx, 'media.failed', { bucket: failed.bucket, subjectId: failed.id, data })
    },
    { by: row.owner_id },
  )
  if (await isSettled(settle)) metrics.uploads.inc({ outcome: 'failed' })
}

/** What was made for a revision that nobody wants any more. The same token means: another attempt was first. */
async function discard(
  { database, blobs }: RenderingDeps,
  row: MediaRow,
  keys: RenditionKeys,
): Promise<void> {
  const now = await findMedia(database.main, row.id)
  if (now && now.token === row.token && now.revoked_at === null) return
  await deleteAll(blobs, namesOf(keys))
}
