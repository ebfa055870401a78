import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { type FaultError, fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Revocations } from './delivery/media-revocations.ts'
import type { MediaApi, PictureScreening } from './media-api.ts'
import { attachMedia, requestRendering, revokeMedia } from './media-changes-repository.ts'
import { type Choices, canBeOfVideo, changedChoices, isSameChoices } from './media-choices.ts'
import { factOf } from './media-facts.ts'
import { findExifByIds, findHashes, findMediaByIds, lockMediaByIds } from './media-repository.ts'
import type { MediaRow } from './media-tables.ts'
import { newToken } from './media-token.ts'
import { purposesOf, type UploadClaim, whyNotTaken } from './uploads/media-upload-claims.ts'
import { attachUploads, findUploads } from './uploads/media-uploads-repository.ts'

type Service = Pick<
  MediaApi,
  'claimUploads' | 'findByIds' | 'findExifByIds' | 'lockByIds' | 'rerender' | 'retry' | 'release'
>

export function createMediaService(deps: {
  database: Database
  events: Events
  clock: Clock
  revocations: Revocations
  screening: Pick<PictureScreening, 'recognise'>
}): Service {
  const { database, events, clock, revocations, screening } = deps

  async function askForRendering(tx: Tx, row: MediaRow): Promise<void> {
    const data = { ...factOf(row), revision: row.revision, mediaType: row.media_type }
    await events.emit(tx, 'media.render_requested', { bucket: row.bucket, subjectId: row.id, data })
  }

  async function prepareAnew(tx: Tx, row: MediaRow, choices: Choices): Promise<MediaRow> {
    if (row.media_type === 'video' && !canBeOfVideo(choices)) throw fault('post.video_edits')
    const changed = await requestRendering(tx, row.id, { token: newToken(), choices })
    if (!changed) return row
    await askForRendering(tx, changed)
    return changed
  }

  async function leaveMaster(tx: Tx, row: MediaRow): Promise<void> {
    const isNeeded = row.processing_status !== 'ready' || row.master_state !== 'leaving'
    if (isNeeded) return
    const data = factOf(row)
    await events.emit(tx, 'media.master_unneeded', { bucket: row.bucket, subjectId: row.id, data })
  }

  /** Posts ask for it when they are shown; everything else is shown from here on. */
  async function requireUnblocked(tx: Tx, rows: readonly MediaRow[]): Promise<void> {
    const shown = rows.filter(({ purpose }) => purpose === 'story' || purpose === 'message')
    const hashes = await findHashes(
      tx,
      shown.map(({ id }) => id),
    )
    for (const found of hashes.values())
      if ((await screening.recognise(tx, found))?.verdict === 'blocked') throw fault('media.blocked')
  }

  return {
    async claimUploads(tx, claim) {
      const ids = claim.items.map((item) => item.uploadId)
      if (new Set(ids).size < ids.length) throw fault('upload.used')
      const { ownerId } = claim
      const purposes = purposesOf(claim)
      const now = new Date(clock.now())
      const taken = await attachUploads(tx, { ownerId, purposes, ids, now })
      if (taken.length < ids.length) throw await whyNot(tx, claim, new Set(taken.map((row) => row.id)), now)
      const mediaIds = taken.map((row) => row.media_id!)
      const keepsMaster = claim.keepMaster ?? purposes.every((one) => one === 'media' || one === 'avatar')
      const rows = await attachMedia(tx, ownerId, mediaIds, {
        post_id: claim.postId,
        part_of: claim.partOf ?? null,
        master_state: keepsMaster ? 'kept' : 'leaving',
      })
      await requireUnblocked(tx, rows)
      const byUpload = new Map(rows.map((row) => [row.upload_id, row]))
      const ordered: MediaRow[] = []
      for (const item of claim.items) {
        const row = byUpload.get(item.uploadId)
        if (!row) throw fault('upload.not_found')
        const choices = changedChoices(row, item)
        ordered.push(isSameChoices(row, choices) ? row : await prepareAnew(tx, row, choices))
      }
      for (const row of ordered) await leaveMaster(tx, row)
      return ordered
    },
    async findByIds(ids) {
      const rows = await findMediaByIds(database.main, [...ids])
      return new Map(rows.map((row) => [row.id, row]))
    },
    async findExifByIds(ids) {
      const rows = await findExifByIds(database.main, [...ids])
      return new Map(rows.map(({ id, exif }) => [id, exif]))
    },
    async lockByIds(tx, ids) {
      const rows = await lockMediaByIds(tx, [...ids])
      return new Map(rows.map((row) => [row.id, row]))
    },
    async rerender(tx, mediaId, change) {
      const [row] = await lockMediaByIds(tx, [mediaId])
      if (!row) return
      const choices = changedChoices(row, change)
      // The same again is another try when the last one failed.
      const isTry = row.processing_status === 'failed'
      if (isTry || !isSameChoices(row, choices)) await prepareAnew(tx, row, choices)
    },
    async retry(tx, mediaIds) {
      let retried = 0
      for (const id of [...mediaIds].sort()) {
        const row = await requestRendering(tx, id, { token: newToken(), onlyFailed: true })
        if (!row) continue
        await askForRendering(tx, row)
        retried++
      }
      return retried
    },
    async release(tx, mediaIds) {
      if (mediaIds.length === 0) return
      const rows = await revokeMedia(tx, mediaIds, new Date(clock.now()))
      await revocations.media(tx, rows)
      for (const row of rows) {
        await events.emit(tx, 'media.released', { bucket: row.bucket, subjectId: row.id, data: factOf(row) })
      }
    },
  }
}

/** The first upload, in the order of the request, that could not be taken; the caller rolls back. */
async function whyNot(tx: Tx, claim: UploadClaim, taken: Set<Id>, now: Date): Promise<FaultError> {
  const missing = claim.items.map((item) => item.uploadId).filter((id) => !taken.has(id))
  const rows = await findUploads(tx, missing)
  const byId = new Map(rows.map((row) => [row.id, row]))
  for (const id of missing) return whyNotTaken(byId.get(id), claim, now)
  return fault('upload.not_found')
}
