import { openPicture, type Picture } from './decode-picture.ts'
import { writeWhole } from './encode-renditions.ts'
import type { OriginalOutcome, OriginalRequest, PhotoFormat, WrittenFile } from './protocol.ts'
import { readMaster } from './read-master.ts'
import { stripMetadata } from './strip-metadata.ts'

const originalQuality = 92

const losslessTypes: Partial<Record<PhotoFormat, { type: WrittenFile['type']; extension: string }>> = {
  jpeg: { type: 'image/jpeg', extension: 'jpg' },
  png: { type: 'image/png', extension: 'png' },
  webp: { type: 'image/webp', extension: 'webp' },
}

type Made = Omit<OriginalOutcome<WrittenFile<'original'>>, 'cpuMs'>

/** The full-size picture for its owner: the master's own pixels without a word about where it was taken. */
export async function makeOriginal(request: OriginalRequest): Promise<Made> {
  const bytes = await readMaster(request.masterPath)
  const picture = await openPicture(bytes)
  try {
    const lossless = losslessTypes[picture.format]
    const made = lossless ? strip(bytes, picture) : await picture.encodeFullJpeg(originalQuality)
    const { type, extension } = lossless ?? { type: 'image/jpeg' as const, extension: 'jpg' }
    const file = `original.${extension}`
    await writeWhole(request.outDir, file, made)
    const { width, height } = picture.upright
    return {
      format: picture.format,
      width,
      height,
      lossless: lossless !== undefined,
      file: { name: 'original', file, width, height, bytes: made.length, type },
    }
  } finally {
    picture.dispose()
  }
}

function strip(bytes: Buffer, picture: Picture): Buffer {
  const format = picture.format as 'jpeg' | 'png' | 'webp'
  return stripMetadata(bytes, format, picture.orientation)
}
