import type { MediaFailure, MediaFailureCode } from './protocol.ts'

/** A picture job that ended without a result. `retryable` means: the picture is not to blame. */
export class MediaError extends Error {
  override name = 'MediaError'
  readonly code: MediaFailureCode
  readonly detail: string | undefined

  constructor(code: MediaFailureCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? code : `${code}: ${detail}`, options)
    this.code = code
    this.detail = detail
  }

  get retryable(): boolean {
    return this.code === 'media.interrupted'
  }

  toFailure(): MediaFailure {
    return { code: this.code, detail: this.detail }
  }

  /** What any thrown thing means for the picture: the decoders throw plain errors with their own words. */
  static from(error: unknown): MediaError {
    if (error instanceof MediaError) return error
    const detail = (error instanceof Error ? error.message : String(error)).slice(0, 500)
    return new MediaError(codeOf(error, detail), detail, { cause: error })
  }
}

function codeOf(error: unknown, detail: string): MediaFailureCode {
  const isSystemCall = error instanceof Error && 'syscall' in error
  if (isSystemCall) return 'media.interrupted'
  if (/exceeds pixel limit|too large to process/i.test(detail)) return 'media.too_many_pixels'
  if (/out of memory|insufficient memory|unable to allocate|allocation failed|enlarge memory/i.test(detail)) {
    return 'media.out_of_memory'
  }
  // libheif's words for a container that is known and a picture in it that this build cannot read.
  if (/unsupported codec|no decoding plugin/i.test(detail)) return 'media.unsupported_format'
  return 'media.corrupt'
}

/** What was being made had nowhere to be written. */
export function isFullDisk({ code, detail = '' }: MediaError): boolean {
  return code === 'media.interrupted' && /\b(?:ENOSPC|EDQUOT)\b/.test(detail)
}
