import { AsyncLocalStorage } from 'node:async_hooks'
import type { Readable } from 'node:stream'
import { UploadPurpose } from '@heliograph/contract/media'
import { DataStore, Server, Upload } from '@tus/server'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { MediaMetrics } from './media-metrics.ts'
import { tusFault } from './media-tus-faults.ts'
import type { UploadFiles } from './media-upload-files.ts'
import { createUploadLocker } from './media-upload-locker.ts'
import { largestUpload, type Uploads } from './media-uploads.ts'

export const uploadsPath = '/api/uploads'

/** What one request carries through the library's callbacks. */
interface Call {
  ownerId: Id
  purpose: UploadPurpose
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
  metrics: Pick<MediaMetrics, 'uploadedBytes'>
}

export function createTus(deps: TusDeps): Tus {
  const calls = new AsyncLocalStorage<Call>()
  const call = () => calls.getStore()!

  const server = new Server({
    path: uploadsPath,
    relativeLocation: true,
    allowedOrigins: () => false,
    datastore: new UploadStore(
      deps,
      () => call().ownerId,
      () => call().purpose,
    ),
    locker: createUploadLocker(),
    lockDrainTimeout: 2000,
    namingFunction: (_request, metadata) => {
      call().purpose = readPurpose(metadata)
      return deps.ids.next(bucketOf(call().ownerId))
    },
    // Of a known upload the declared length is the limit; only its creation is measured by purpose.
    maxSize: () => largestUpload[call().purpose],
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
      const context: Call = { ownerId, purpose: 'media', error: undefined }
      const response = await calls.run(context, () => server.handleWeb(request))
      if (response.status < 400) return response
      await response.body?.cancel()
      throw tusFault(request.method, response.status, context.error)
    },
  }
}

class UploadStore extends DataStore {
  readonly #deps: TusDeps
  readonly #ownerId: () => Id
  readonly #purpose: () => UploadPurpose

  constructor(deps: TusDeps, ownerId: () => Id, purpose: () => UploadPurpose) {
    super()
    this.#deps = deps
    this.#ownerId = ownerId
    this.#purpose = purpose
    this.extensions = ['creation', 'creation-with-upload', 'expiration']
  }

  override async create(upload: Upload): Promise<Upload> {
    const size = upload.size ?? 0
    await this.#deps.uploads.create({
      id: upload.id,
      ownerId: this.#ownerId(),
      purpose: this.#purpose(),
      size,
    })
    return upload
  }

  override async getUpload(id: string): Promise<Upload> {
    const row = await this.#deps.uploads.find(this.#ownerId(), id)
    return new Upload({
      id,
      size: Number(row.size),
      offset: await this.#deps.uploads.offsetOf(row),
      metadata: { purpose: row.purpose },
      creation_date: row.created_at.toISOString(),
    })
  }

  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    const reached = await this.#deps.files.append(id, offset, stream)
    this.#deps.metrics.uploadedBytes.inc(reached - offset)
    return reached
  }
}

function readPurpose(metadata: Record<string, string | null> | undefined): UploadPurpose {
  const given = metadata?.purpose ?? 'media'
  const purpose = UploadPurpose.safeParse(given)
  if (purpose.success) return purpose.data
  throw fault('upload.protocol', { detail: 'The purpose is not one that this server knows.' })
}

function isId(text: string): boolean {
  return /^[1-9][0-9]{0,18}$/.test(text) && BigInt(text) < 1n << 63n
}
