import { readFile, stat } from 'node:fs/promises'
import { MediaError } from './media-error.ts'
import { photoLimits } from './protocol.ts'

/** The size is asked first, so that a huge file is refused without its bytes being read. */
export async function readMaster(path: string): Promise<Buffer> {
  const { size } = await stat(path)
  if (size > photoLimits.maxBytes) throw new MediaError('media.too_large', `${size} bytes`)
  return readFile(path)
}
