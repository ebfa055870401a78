import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { UploadPurpose } from '@heliograph/contract/media'

export interface UploadOptions {
  purpose?: UploadPurpose
  /** Bytes per PATCH; the whole file in one by default. */
  chunkBytes?: number
  /** How often to go on after a lost connection or a server that is away. */
  retries?: number
  /** Called after each acknowledged piece. */
  onProgress?: (sentBytes: number) => void
  /** For tests of interruption: called before each piece; what it throws counts as a lost connection. */
  beforePiece?: (offset: number) => void | Promise<void>
}

interface Server {
  baseUrl: string
  headers: Record<string, string>
}

const tus = { 'tus-resumable': '1.0.0' }

/** The server's: some bytes changed on their way. */
const checksumMismatch = 460

/**
 * Sends a file by tus 1.0 and gives its `uploadId`, the last segment of its address. The server compares what came
 * with what is here; bytes that changed on their way are sent again.
 */
export async function upload(
  server: Server,
  bytes: Uint8Array,
  options: UploadOptions = {},
): Promise<string> {
  const { purpose = 'media', retries = 5 } = options
  const created = await fetch(`${server.baseUrl}/api/uploads`, {
    method: 'POST',
    headers: {
      ...server.headers,
      ...tus,
      'upload-length': String(bytes.length),
      'upload-metadata': `purpose ${base64(purpose)},sha256 ${base64(sha256Of(bytes))}`,
    },
  })
  if (created.status !== 201) throw await failure('create upload', created)
  const location = new URL(created.headers.get('location') ?? '', `${server.baseUrl}/api/uploads/`)
  const address = server.baseUrl + location.pathname
  let offset = 0
  for (let attempt = 0; offset < bytes.length; ) {
    try {
      offset = await sendPiece(server, address, bytes, offset, options)
    } catch (error) {
      if (error instanceof UploadRefusedError || attempt >= retries) throw error
      attempt += 1
      await wait(Math.min(200 * 2 ** attempt, 3000))
      offset = await offsetOf(server, address).catch(() => offset)
    }
  }
  return location.pathname.split('/').at(-1) ?? ''
}

/** The server said no; sending again would not help. */
export class UploadRefusedError extends Error {
  override readonly name = 'UploadRefusedError'
  readonly status: number
  readonly code: string

  constructor(what: string, status: number, code: string) {
    super(`${what}: ${status} ${code}`)
    this.status = status
    this.code = code
  }
}

async function sendPiece(
  server: Server,
  address: string,
  bytes: Uint8Array,
  offset: number,
  options: UploadOptions,
): Promise<number> {
  await options.beforePiece?.(offset)
  const piece = bytes.subarray(offset, offset + (options.chunkBytes ?? bytes.length))
  const response = await fetch(address, {
    method: 'PATCH',
    headers: {
      ...server.headers,
      ...tus,
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    },
    body: piece as Uint8Array<ArrayBuffer>,
  })
  const isPassing = response.status >= 500 || [409, 423, checksumMismatch].includes(response.status)
  if (isPassing) throw new Error(`upload answered ${response.status}`)
  if (response.status !== 204) throw await failure('upload', response)
  const acknowledged = Number(response.headers.get('upload-offset'))
  options.onProgress?.(acknowledged)
  return acknowledged
}

async function offsetOf(server: Server, address: string): Promise<number> {
  const response = await fetch(address, { method: 'HEAD', headers: { ...server.headers, ...tus } })
  if (!response.ok) throw new Error(`HEAD answered ${response.status}`)
  return Number(response.headers.get('upload-offset'))
}

async function failure(what: string, response: Response): Promise<UploadRefusedError> {
  const problem = (await response.json().catch(() => ({}))) as { code?: string }
  return new UploadRefusedError(what, response.status, problem.code ?? '')
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
