import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobStore, StoredObject } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Revocations } from '../delivery/media-revocations.ts'
import { setCaptions } from '../media-changes-repository.ts'
import { factOf } from '../media-facts.ts'
import { captionsKey, masterKey } from '../media-keys.ts'
import { findMediaByIds, lockMediaByIds } from '../media-repository.ts'
import type { UploadRow } from '../media-tables.ts'
import { newToken } from '../media-token.ts'
import type { KeptObjects } from '../storage/media-objects.ts'
import { deleteUpload, findUploads } from '../uploads/media-uploads-repository.ts'
import { cleanCaptions } from './media-captions-text.ts'

/** A medium, by its own id or by the upload that it comes from, and the captions that it shall have. */
export interface CaptionsWish {
  of: { mediaId: Id } | { uploadId: Id }
  captionsUploadId: Id
}

/** Written anew and in the store, by the upload they came from; nobody is shown them yet. */
export type PreparedCaptions = ReadonlyMap<Id, { object: StoredObject; text: string }>

export interface Captions {
  /**
   * Before the transaction: reads, checks and stores. Throws upload.not_found | purpose | incomplete | expired,
   * captions.invalid. What is prepared and not attached is collected like every object that nothing refers to.
   */
  prepareCaptions(ownerId: Id, wishes: readonly CaptionsWish[]): Promise<PreparedCaptions>
  /** Null takes them away. The same upload once more changes nothing. Throws captions.not_a_video, upload.used. */
  changeCaptions(
    tx: Tx,
    mediaId: Id,
    captionsUploadId: Id | null,
    prepared: PreparedCaptions,
  ): Promise<boolean>
}

export interface CaptionsDeps {
  database: Database
  events: Events
  clock: Clock
  blobs: BlobStore
  objects: KeptObjects
  revocations: Revocations
  /** Of files that live for a moment. */
  folder: string
}

export function createCaptions(deps: CaptionsDeps): Captions {
  const { database, events, clock, blobs, objects, revocations, folder } = deps

  async function read(uploadId: Id): Promise<string> {
    const object = await blobs.open(masterKey(uploadId))
    const text = object && cleanCaptions(Buffer.concat(await object.stream.toArray()))
    if (!text) throw fault('captions.invalid')
    return text
  }

  async function store(mediaId: Id, text: string): Promise<{ object: StoredObject; text: string }> {
    const path = join(folder, `captions-${randomUUID()}`)
    try {
      await writeFile(path, text)
      return {
        object: await blobs.putFile(captionsKey(mediaId, newToken()), path, { type: 'text/vtt' }),
        text,
      }
    } finally {
      await rm(path, { force: true })
    }
  }

  /** Undefined: it has these already, is not there, or is somebody else's. */
  async function mediumFor(
    ownerId: Id,
    { of, captionsUploadId }: CaptionsWish,
    uploads: ReadonlyMap<Id, UploadRow>,
  ): Promise<Id | undefined> {
    const mediaId = 'uploadId' in of ? uploads.get(of.uploadId)?.media_id : of.mediaId
    const [row] = mediaId ? await findMediaByIds(database.main, [mediaId]) : []
    // Those who take it say that it is not there, in the same words for what is somebody else's.
    if (row?.owner_id !== ownerId || row.captions_upload_id === captionsUploadId) return undefined
    if (row.media_type !== 'video') throw fault('captions.not_a_video')
    return row.id
  }

  return {
    async prepareCaptions(ownerId, wishes) {
      const prepared = new Map<Id, { object: StoredObject; text: string }>()
      if (wishes.length === 0) return prepared
      const ids = wishes.flatMap(({ of, captionsUploadId }) =>
        'uploadId' in of ? [captionsUploadId, of.uploadId] : [captionsUploadId],
      )
      const found = await findUploads(database.main, ids)
      const uploads = new Map(found.filter((row) => row.owner_id === ownerId).map((row) => [row.id, row]))
      for (const wish of wishes) {
        const mediaId = await mediumFor(ownerId, wish, uploads)
        if (mediaId === undefined) continue
        const { captionsUploadId } = wish
        requireUsable(uploads.get(captionsUploadId), clock.now())
        if (prepared.has(captionsUploadId)) throw fault('upload.used')
        prepared.set(captionsUploadId, await store(mediaId, await read(captionsUploadId)))
      }
      return prepared
    },
    async changeCaptions(tx, mediaId, captionsUploadId, prepared) {
      const [row] = await lockMediaByIds(tx, [mediaId])
      if (!row || row.captions_upload_id === captionsUploadId) return false
      if (captionsUploadId !== null && row.media_type !== 'video') throw fault('captions.not_a_video')
      const made = captionsUploadId === null ? undefined : prepared.get(captionsUploadId)
      if (captionsUploadId !== null) {
        const isTaken = made !== undefined && (await deleteUpload(tx, captionsUploadId, 'complete'))
        if (!isTaken) throw fault('upload.used')
      }
      await setCaptions(tx, mediaId, {
        key: made?.object.key ?? null,
        uploadId: captionsUploadId,
        text: made?.text ?? null,
      })
      const before = row.captions_key === null ? [] : [row.captions_key]
      await objects.change(tx, mediaId, {
        add: made ? [made.object] : [],
        drop: (key) => before.includes(key),
      })
      await revocations.renderings(tx, before)
      const masters = captionsUploadId === null ? [] : [masterKey(captionsUploadId)]
      await events.emit(tx, 'media.captions_changed', {
        bucket: row.bucket,
        subjectId: mediaId,
        data: { ...factOf(row), replacedKeys: [...before, ...masters] },
      })
      return true
    },
  }
}

function requireUsable(row: UploadRow | undefined, now: number): void {
  if (!row) throw fault('upload.not_found')
  if (row.purpose !== 'captions') throw fault('upload.purpose')
  if (row.state === 'expired' || row.expires_at.getTime() <= now) throw fault('upload.expired')
  if (row.state !== 'complete') throw fault('upload.incomplete')
}
