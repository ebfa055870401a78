import { ERRORS, TUS_VERSION } from '@tus/server'
import { type FaultError, fault, isFault } from '#platform/http/fault.ts'

interface Refusal {
  method: string
  status: number
  error: unknown
  /** Of an upload of that purpose. */
  maxBytes: number
}

/** The library's errors in our codes. Its own words are plain text for developers and stay inside. */
export function tusFault({ method, status, error, maxBytes }: Refusal): unknown {
  if (isFault(error)) return error
  const body = (error as { body?: string } | undefined)?.body
  const known = body === undefined ? undefined : byBody.get(body)
  if (known) return known(method, maxBytes)
  if (error instanceof Error) return error
  if (status === 404) return fault('upload.not_found')
  return fault('upload.protocol', { detail: 'A header of the request is not as the tus protocol wants it.' })
}

/** The precondition of the protocol; the library would call it an invalid header. */
export function wrongVersion(): FaultError {
  return fault('upload.version', { headers: { 'tus-version': TUS_VERSION.join(',') } })
}

type Translate = (method: string, maxBytes: number) => FaultError

const byBody = new Map<string, Translate>([
  [ERRORS.FILE_NOT_FOUND.body, () => fault('upload.not_found')],
  [ERRORS.FILE_NO_LONGER_EXISTS.body, () => fault('upload.expired')],
  [ERRORS.INVALID_OFFSET.body, () => fault('upload.offset')],
  [ERRORS.ERR_SIZE_EXCEEDED.body, () => fault('upload.length_changed')],
  [
    ERRORS.ERR_MAX_SIZE_EXCEEDED.body,
    (method, maxBytes) =>
      method === 'POST'
        ? fault('upload.too_large', { detail: `It may have at most ${maxBytes} bytes.` })
        : fault('upload.length_changed'),
  ],
  [
    ERRORS.UNSUPPORTED_CREATION_DEFER_LENGTH_EXTENSION.body,
    (method) => (method === 'PATCH' ? fault('upload.length_changed') : noLength()),
  ],
  [ERRORS.INVALID_LENGTH.body, noLength],
  [ERRORS.ABORTED.body, () => fault('upload.interrupted')],
  [ERRORS.ERR_LOCK_TIMEOUT.body, () => fault('upload.interrupted')],
  [ERRORS.MISSING_OFFSET.body, () => protocol('Upload-Offset is missing.')],
  [ERRORS.INVALID_CONTENT_TYPE.body, () => protocol('Content-Type must be application/offset+octet-stream.')],
  [ERRORS.INVALID_METADATA.body, () => protocol('Upload-Metadata is not as the tus protocol wants it.')],
  [
    ERRORS.UNSUPPORTED_CONCATENATION_EXTENSION.body,
    () => protocol('Uploads cannot be put together from parts here.'),
  ],
])

function noLength(): FaultError {
  return protocol('Upload-Length must be told when the upload is made.')
}

function protocol(detail: string): FaultError {
  return fault('upload.protocol', { detail })
}
