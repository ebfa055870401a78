import { AsyncLocalStorage } from 'node:async_hooks'
import type { Readable } from 'node:stream'
import { UploadPurpose } from '@heliograph/contract/media'
import { DataStore, Server, TUS_RESUMABLE, Upload } from '@tus/server'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id, isId } from '#platform/ids/ids.ts'
import type { Locks } from '#platform/locks/locks.ts'
import type { MediaMetrics } from '../media-metrics.ts'
import { tusFault, wrongVersion } from './media-tus-faults.ts'
import {
  type Checksum,
  checksumAlgorithms,
  readChecksum,
  readWholeChecksum,
} from './media-upload-checksum.ts'
import type { UploadFiles } from './media-upload-files.ts'
import { createUploadLocker } from './media-upload-locker.ts'
import { largestUpload, type Uploads, uploadLifetime } from './media-uploads.ts'

export const uploadsPath = '/api/uploads'

/** What one request carries through the library's callbacks. */
interface Call {
  ownerId: Id
  purpose: UploadPurpose
  /** Of the whole file, in the client's own words. */
  sha256: string | null
  /** Of the bytes in this request. */
  checksum: Checksum | null
  /** The client announces that there is nothing in this request. */
  isEmpty: boolean
  error: unknown
}

export interface Tus {
  /** Speaks tus with one owner; throws faults where the library would answer with an error. */
  handle(ownerId: Id, request: Request): Promise<Response>
}

export interface TusDeps {
  uploads: Uploads
  files: UploadFiles
  ids: IdSource
  locks: Locks
  metrics: Pick<MediaMetrics, 'uploadedBytes'>
  /** Of a video at most. */
  videoBytes: number
}

export function createTus(deps: TusDeps): Tus {
  const calls = new AsyncLocalStorage<Call>()
  const call = () => calls.getStore()!

  const server = new Server({
    path: uploadsPath,
    relativeLocation: true,
    allowedOrigins: () => false,
    datastore: new UploadStore(deps, call),
    locker: createUploadLocker(deps.locks),
    lockDrainTimeout: 2000,
    namingFunction: (_request, metadata) => {
      call().purpose = readPurpose(metadata)
      call().sha256 = readWholeChecksum(metadata)
      return deps.ids.next(bucketOf(call().ownerId))
    },
    // Of a known upload the declared length is the limit; only its creation is measured by purpose.
    maxSize: () => largestUpload(call().purpose, deps.videoBytes),
    getFileIdFromRequest: (_request, last) => (last && isId(last) ? last : undefined),
    onUploadFinish: async (_request, upload) => {
      await deps.uploads.finish(upload.id)
      return {}
    },
    onResponseError: (_request, error) => {
      call().error = error
      return undefined
    },
  })

  return {
    async handle(ownerId, request) {
      const checksum = await readHeaders(request)
      const isEmpty = request.headers.get('content-length') === '0'
      const told = { purpose: 'media' as const, sha256: null, checksum, isEmpty }
      const context: Call = { ownerId, ...told, error: undefined }
      const response = await calls.run(context, () => server.handleWeb(request))
      if (request.method === 'OPTIONS')
        response.headers.set('tus-checksum-algorithm', checksumAlgorithms.join(','))
      if (response.status < 400) return response
      await response.body?.cancel()
      throw tusFault({
        method: request.method,
        status: response.status,
        error: context.error,
        maxBytes: largestUpload(context.purpose, deps.videoBytes),
      })
    },
  }
}

/** What the library does not look at itself. */
async function readHeaders(request: Request): Promise<Checksum | null> {
  try {
    const isOurVersion = request.headers.get('tus-resumable') === TUS_RESUMABLE
    if (!isOurVersion && request.method !== 'OPTIONS') throw wrongVersion()
    return readChecksum(request.headers.get('upload-checksum'))
  } catch (error) {
    // A client that is still sending would never read why.
    await request.body?.cancel()
    throw error
  }
}

class UploadStore extends DataStore {
  readonly #deps: TusDeps
  readonly #call: () => Call

  constructor(deps: TusDeps, call: () => Call) {
    super()
    this.#deps = deps
    this.#call = call
    this.extensions = ['checksum', 'creation', 'creation-with-upload', 'expiration']
  }

  override async create(upload: Upload): Promise<Upload> {
    const { ownerId, purpose, sha256 } = this.#call()
    await this.#deps.uploads.create({ id: upload.id, ownerId, purpose, size: upload.size ?? 0, sha256 })
    return upload
  }

  override async getUpload(id: string): Promise<Upload> {
    const row = await this.#deps.uploads.find(this.#call().ownerId, id)
    return new Upload({
      id,
      size: Number(row.size),
      offset: await this.#deps.uploads.offsetOf(row),
      metadata: { purpose: row.purpose },
      creation_date: row.created_at.toISOString(),
    })
  }

  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    // A client with nothing more to send while bytes are missing holds a file that has become shorter.
    if (this.#call().isEmpty && !(await this.#isWhole(id))) throw fault('upload.length_changed')
    const reached = await this.#deps.files.append(id, offset, stream, this.#call().checksum)
    this.#deps.metrics.uploadedBytes.inc(reached - offset)
    return reached
  }

  /** Told in Upload-Expires. */
  override getExpiration(): number {
    return uploadLifetime
  }

  async #isWhole(id: Id): Promise<boolean> {
    const { offset, size } = await this.getUpload(id)
    return offset === size
  }
}

function readPurpose(metadata: Record<string, string | null> | undefined): UploadPurpose {
  const given = metadata?.purpose ?? 'media'
  const purpose = UploadPurpose.safeParse(given)
  if (purpose.success) return purpose.data
  throw fault('upload.protocol', { detail: 'The purpose is not one that this server knows.' })
}
