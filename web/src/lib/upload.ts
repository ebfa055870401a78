import type { UploadPurpose } from '@heliograph/contract/media'
import { ApiProblem } from './api.ts'
import { online } from './online.ts'

export interface UploadRequest {
  purpose: UploadPurpose
  /** Bytes on the server so far. */
  onProgress?(sent: number, total: number): void
  /** The address of the upload, once there is one: keep it to go on after the page was closed. */
  onAddress?(address: string): void
  /** An address kept from before. */
  address?: string | undefined
  signal?: AbortSignal
}

/** Pieces small enough that a lost connection costs little, large enough for a fast line. */
const pieceBytes = 4 * 1024 * 1024
const retryDelaysMs = [0, 500, 1500, 4000, 8000]

/**
 * Sends a file by tus and gives its uploadId. A lost connection is waited out, however long; what the
 * server refuses is thrown as ApiProblem.
 */
export async function uploadFile(file: Blob, request: UploadRequest): Promise<string> {
  const { Upload } = await import('tus-js-client')
  const isWhole = file.size <= wholeBytes
  const sha256 = isWhole && !request.address ? await hexDigestOf(file) : undefined
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: '/api/uploads',
      ...(request.address ? { uploadUrl: request.address } : {}),
      chunkSize: pieceBytes,
      retryDelays: retryDelaysMs,
      storeFingerprintForResuming: false,
      metadata: { purpose: request.purpose, ...(sha256 ? { sha256 } : {}) },
      onBeforeRequest: (sent) => (isWhole ? undefined : tellChecksum(file, sent)),
      onUploadUrlAvailable: () => {
        if (upload.url) request.onAddress?.(upload.url)
      },
      onProgress(sent, total) {
        online.value = true
        request.onProgress?.(sent, total ?? file.size)
      },
      onShouldRetry(error) {
        const status = statusOf(error)
        if (status === 0) online.value = false
        return isPassing(status) || status === checksumMismatch
      },
      onError(error) {
        const status = statusOf(error)
        if (request.signal?.aborted) return
        if (!isPassing(status)) return reject(problemOf(error, status))
        void isReadable(file).then((readable) => {
          if (readable) whenOnline(() => upload.start(), request.signal)
          else reject(new ApiProblem('client.file_gone', 0))
        })
      },
      onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
    })
    request.signal?.addEventListener('abort', () => {
      void upload.abort()
      reject(new ApiProblem('client.aborted', 0))
    })
    upload.start()
  })
}

/** The server's: bytes changed on their way. They are sent again a few times; a line that spoils them always is told of. */
const checksumMismatch = 460

/** Up to here the server compares the file as a whole, so that every byte of it that came counts after a lost connection. */
const wholeBytes = 16 * 1024 * 1024

/** Of larger files, each piece: browsers hash only what is in memory. */
async function tellChecksum(file: Blob, sent: SentRequest): Promise<void> {
  const offset = Number(sent.getHeader('Upload-Offset') ?? Number.NaN)
  if (sent.getMethod() !== 'PATCH' || Number.isNaN(offset)) return
  const digest = await digestOf(file.slice(offset, offset + pieceBytes))
  if (digest) sent.setHeader('Upload-Checksum', `sha256 ${btoa(String.fromCharCode(...digest))}`)
}

async function hexDigestOf(file: Blob): Promise<string | undefined> {
  const digest = await digestOf(file)
  return digest && Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Nothing on pages that came without TLS, where browsers do not hash, and of files that cannot be read: sending tells why. */
async function digestOf(piece: Blob): Promise<Uint8Array | undefined> {
  if (!globalThis.crypto?.subtle) return undefined
  const bytes = await piece.arrayBuffer().catch(() => undefined)
  return bytes && new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

interface SentRequest {
  getMethod(): string
  getHeader(name: string): string | undefined
  setHeader(name: string, value: string): void
}

/** tus-js-client's errors carry the answer, when there was one. */
interface AnsweredError {
  originalResponse?: { getStatus(): number; getBody(): string } | null
}

function statusOf(error: unknown): number {
  return (error as AnsweredError).originalResponse?.getStatus() ?? 0
}

/** No answer, a conflict with our own earlier piece, a server that is away or full of work. */
function isPassing(status: number): boolean {
  return (
    status === 0 || status === 409 || status === 423 || status === 429 || (status >= 500 && status !== 507)
  )
}

function problemOf(error: unknown, status: number): ApiProblem {
  const body = (error as AnsweredError).originalResponse?.getBody() ?? ''
  try {
    const problem = JSON.parse(body) as { code?: ApiProblem['code'] }
    return new ApiProblem(problem.code ?? 'server.error', status, JSON.parse(body))
  } catch {
    return new ApiProblem('server.error', status)
  }
}

/** A file of the device may be moved, changed or on a card that was taken out: waiting does not bring it back. */
function isReadable(file: Blob): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    )
}

/** The browser says when it is online, but not that the server is: it is asked again in growing pauses. */
function whenOnline(go: () => void, signal: AbortSignal | undefined): void {
  const again = () => {
    removeEventListener('online', again)
    clearTimeout(timer)
    if (!signal?.aborted) go()
  }
  const timer = setTimeout(again, 10_000)
  addEventListener('online', again)
}
