import { MediaError } from '../media-error.ts'

const quoted = 400

/** FFmpeg's own words about a file: what they mean for the person who uploaded it. */
export function engineError(words: string, operation: string): MediaError {
  const detail = `${operation}: ${words.trim().slice(-quoted)}`
  if (/cannot allocate memory|out of memory/i.test(words))
    return new MediaError('media.out_of_memory', detail)
  if (/no space left on device|disk quota exceeded/i.test(words)) {
    return new MediaError('media.interrupted', `ENOSPC ${detail}`)
  }
  if (/picture size \d+x\d+ (?:is invalid|exceeds)|exceeds specified max pixel count/i.test(words)) {
    return new MediaError('media.too_many_pixels', detail)
  }
  return new MediaError('media.corrupt', detail)
}
