import { limits } from '@heliograph/contract/limits'
import type { UploadPurpose } from '@heliograph/contract/media'
import { type BlobStore, hashBlob, type StoredObject } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault, isFault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { type Locks, LockTimeoutError } from '#platform/locks/locks.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { sniffedBytes, sniffVideo } from '../child/video/sniff-video.ts'
import { insertMedia } from '../media-changes-repository.ts'
import { masterKey } from '../media-keys.ts'
import type { MediaType, UploadRow } from '../media-tables.ts'
import { newToken } from '../media-token.ts'
import type { KeptObjects } from '../storage/media-objects.ts'
import type { Quotas } from '../storage/media-quotas.ts'
import { addStoredBytes } from '../storage/media-quotas-repository.ts'
import { expireUploads } from './media-upload-expiry.ts'
import type { UploadFiles } from './media-upload-files.ts'
import {
  completeUpload,
  deleteUpload,
  eachUpload,
  findUpload,
  insertUpload,
  sumWaiting,
} from './media-uploads-repository.ts'

/** Unattached uploads live this long. */
export const uploadLifetime = 24 * 3_600_000
/** How long one process waits for another that carries the bytes into the store. */
const finishingMs = 60_000

/** What a photograph has too much the decoding process finds: nobody knows yet what this will be. */
export function largestUpload(purpose: UploadPurpose, videoBytes: number): number {
  if (purpose === 'avatar') return limits.avatarBytes
  if (purpose === 'evidence') return limits.evidenceBytes
  if (purpose === 'voice') return limits.voiceBytes
  return purpose === 'captions' ? limits.captionsBytes : Math.max(limits.photoBytes, videoBytes)
}

/** What one person's uploads may declare together while they are part of nothing yet: a post of the largest ones fits. */
export function waitingBytes(videoBytes: number): number {
  return Math.max(limits.waitingUploadBytes, limits.mediaPerPost * largestUpload('media', videoBytes))
}

interface NewUpload {
  id: Id
  ownerId: Id
  purpose: UploadPurpose
  size: number
  /** Of the whole file, when the sender says it. */
  sha256: string | null
}

export interface Uploads {
  create(upload: NewUpload): Promise<void>
  find(ownerId: Id, id: Id): Promise<UploadRow>
  /** The durable bytes. An upload that has all of them is brought to its end first. */
  offsetOf(upload: UploadRow): Promise<number>
  /**
   * All bytes are there: from here on the upload ends ready or failed, whatever dies in between. Bytes that are not the
   * sender's own are thrown away, and `upload.checksum` with them: the upload stands at its beginning again.
   */
  finish(id: Id): Promise<void>
  /** Brings to their end what a crash left between the last byte and the database. */
  finishInterrupted(): Promise<number>
  /** Removes what nobody used in time, and files that no upload knows. */
  expire(release: (tx: Tx, mediaIds: Id[]) => Promise<void>): Promise<number>
}

export interface UploadsDeps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  log: Log
  locks: Locks
  blobs: BlobStore
  objects: KeptObjects
  files: UploadFiles
  quotas: Quotas
  /** Of the largest video that is taken. */
  videoBytes: number
}

export function createUploads(deps: UploadsDeps): Uploads {
  const { database, clock, log, locks, blobs, files, quotas, videoBytes } = deps
  const finishing = new Map<Id, Promise<void>>()

  async function offsetOf(upload: UploadRow): Promise<number> {
    const size = Number(upload.size)
    if (upload.state !== 'uploading') return size
    // Its file is on the way into the store: neither place may have all of it at this moment.
    if (finishing.has(upload.id)) return await finish(upload.id).then(() => size, startOfSpoiled)
    const offset = await files.sizeOf(upload.id)
    if (offset !== null && offset < size) return offset
    if (offset === null && !(await isInStore(upload))) {
      // Another process may be carrying it into the store, so that it is nowhere whole.
      await alone(upload.id, async () => undefined)
      if (!(await isInStore(upload))) return 0
    }
    return await finish(upload.id).then(() => size, startOfSpoiled)
  }

  async function isInStore(upload: UploadRow): Promise<boolean> {
    const facts = await blobs.stat(masterKey(upload.id))
    return facts?.size === Number(upload.size)
  }

  /** Asked by whoever sees the last byte: the request that brought it, one that comes after it, and the sweep. */
  function finish(id: Id): Promise<void> {
    let work = finishing.get(id)
    if (work === undefined) {
      work = alone(id, () => finishOnce(id)).finally(() => finishing.delete(id))
      finishing.set(id, work)
    }
    return work
  }

  async function alone(id: Id, work: () => Promise<void>): Promise<void> {
    const options = { patienceMs: finishingMs, onAsked: () => undefined }
    const release = await locks.take({ id, use: 'finish' }, options).catch((error: unknown) => {
      throw error instanceof LockTimeoutError ? fault('server.unavailable', { cause: error }) : error
    })
    await work().finally(release)
  }

  async function finishOnce(id: Id): Promise<void> {
    const upload = await findUpload(database.main, id)
    if (upload?.state !== 'uploading') return
    const master = Number(upload.size) > 0 ? await keepMaster(upload) : null
    if (master && upload.sha256 !== null && master.sha256 !== upload.sha256)
      await refuseSpoiled(upload, master)
    await record(deps, upload, master)
    await files.remove(id)
  }

  /** The key is known before the medium is: doing this again after a crash finds the same object. */
  async function keepMaster(upload: UploadRow): Promise<StoredObject> {
    const key = masterKey(upload.id)
    if (await isInStore(upload)) return await readStored(key)
    const options = { type: 'application/octet-stream' }
    return await blobs.putFile(key, files.pathOf(upload.id), options).catch(async (error: unknown) => {
      // Another request may have taken the file between our look and our move.
      if (!(await isInStore(upload))) throw error
      return await readStored(key)
    })
  }

  async function refuseSpoiled(upload: UploadRow, { key }: StoredObject): Promise<never> {
    await blobs.delete(key)
    await files.begin(upload.id)
    log.info({ uploadId: upload.id }, 'an upload is not what its sender says it is')
    throw fault('upload.checksum')
  }

  async function readStored(key: string): Promise<StoredObject> {
    const stored = await hashBlob(blobs, key)
    if (stored === null) throw new Error('the master went while it was read')
    return stored
  }

  async function refusalOf(ownerId: Id, waiting: { declared: number; promised: number }) {
    if (waiting.declared > waitingBytes(videoBytes)) return 'upload.quota'
    const { usedBytes, quotaBytes } = await quotas.of(ownerId)
    if (quotaBytes !== null && usedBytes + waiting.promised > quotaBytes) return 'upload.account_full'
    const hasRoom = (await files.hasRoom(waiting.promised)) && (await blobs.hasRoom(waiting.promised))
    return hasRoom ? null : 'server.storage_full'
  }

  return {
    offsetOf,
    finish,
    async create({ id, ownerId, purpose, size, sha256 }) {
      const now = clock.now()
      await insertUpload(database.main, {
        bucket: bucketOf(id),
        id,
        owner_id: ownerId,
        purpose,
        size,
        sha256,
        state: 'uploading',
        media_id: null,
        expires_at: new Date(now + uploadLifetime),
        created_at: new Date(now),
      })
      // Looked at with this one among them: many at once are no way around.
      const waiting = await sumWaiting(database.main, ownerId, new Date(now))
      const refusal = await refusalOf(ownerId, waiting)
      if (refusal === null) return await files.begin(id)
      await deleteUpload(database.main, id, 'uploading')
      throw fault(refusal)
    },
    async find(ownerId, id) {
      const upload = await findUpload(database.main, id)
      if (!upload || upload.owner_id !== ownerId) throw fault('upload.not_found')
      const isStale = upload.state !== 'attached' && upload.expires_at.getTime() <= clock.now()
      if (upload.state === 'expired' || isStale) throw fault('upload.expired')
      return upload
    },
    async finishInterrupted() {
      let finished = 0
      for await (const upload of eachUpload(database.main, ['uploading'])) {
        // One that cannot be finished now (a full disk, say) stops neither the others nor a start.
        const offset = await offsetOf(upload).catch((error: unknown) => {
          log.warn({ err: error, uploadId: upload.id }, 'an upload could not be finished')
        })
        if (offset === Number(upload.size)) finished += 1
      }
      return finished
    },
    expire: (release) => expireUploads(deps, release),
  }
}

/** Where an upload goes on whose bytes were not those of its sender. */
function startOfSpoiled(error: unknown): number {
  if (isFault(error, 'upload.checksum')) return 0
  throw error
}

/** The one moment in which an upload becomes a medium. */
async function record(deps: UploadsDeps, upload: UploadRow, master: StoredObject | null): Promise<void> {
  const { database, ids, events, clock, objects } = deps
  const { bucket, owner_id: ownerId, purpose } = upload
  // Captions become part of a medium when they are asked for, and evidence is shown to nobody as one.
  if (purpose === 'captions' || purpose === 'evidence')
    return void (await database.transaction((tx) => completeUpload(tx, upload.id, null), { by: ownerId }))
  const mediaId = ids.next(bucket)
  const isEmpty = Number(upload.size) === 0
  const mediaType = isEmpty ? 'photo' : await typeOfMaster(deps, upload)
  await database.transaction(
    async (tx) => {
      if (!(await completeUpload(tx, upload.id, mediaId))) return
      await insertMedia(tx, {
        bucket,
        id: mediaId,
        owner_id: ownerId,
        upload_id: upload.id,
        purpose,
        media_type: mediaType,
        post_id: null,
        processing_status: isEmpty ? 'failed' : 'processing',
        failure_code: isEmpty ? 'media.empty' : null,
        attempts: 0,
        token: newToken(),
        revision: 1,
        file_size: Number(upload.size),
        master_key: masterKey(upload.id),
        objects: JSON.stringify(master === null ? [] : [master]),
        created_at: new Date(clock.now()),
      })
      await addStoredBytes(tx, ownerId, master?.bytes ?? 0)
      await objects.noteUncopied(tx, mediaId)
      if (isEmpty) {
        const data = { ownerId, purpose, postId: null, partOf: null, revision: 1, code: 'media.empty' }
        await events.emit(tx, 'media.failed', { bucket, subjectId: mediaId, data })
      } else {
        const data = { ownerId, purpose, uploadId: upload.id, mediaType }
        await events.emit(tx, 'media.uploaded', { bucket, subjectId: mediaId, data })
      }
    },
    { by: ownerId },
  )
}

/** Told by its first bytes alone; whether it really is one the decoding process finds out. */
async function typeOfMaster({ blobs }: UploadsDeps, { id, purpose }: UploadRow): Promise<MediaType> {
  if (purpose === 'voice') return 'voice'
  if (purpose === 'avatar') return 'photo'
  const head = await blobs.open(masterKey(id), { start: 0, end: sniffedBytes - 1 })
  if (!head) return 'photo'
  const chunks: Buffer[] = []
  for await (const chunk of head.stream) chunks.push(chunk)
  return sniffVideo(Buffer.concat(chunks)) ? 'video' : 'photo'
}
