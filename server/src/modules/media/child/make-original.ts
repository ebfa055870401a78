import { openPicture, type Picture } from './decode-picture.ts'
import { writeWhole } from './encode-renditions.ts'
import { MediaError } from './media-error.ts'
import type { OriginalOutcome, OriginalRequest, PhotoFormat, WrittenFile } from './protocol.ts'
import { readMaster } from './read-master.ts'
import { stripMetadata } from './strip-metadata.ts'

const originalQuality = 92

interface FileType {
  type: WrittenFile['type']
  extension: string
}

const jpegType: FileType = { type: 'image/jpeg', extension: 'jpg' }
const losslessTypes: Partial<Record<PhotoFormat, FileType>> = {
  jpeg: jpegType,
  png: { type: 'image/png', extension: 'png' },
  webp: { type: 'image/webp', extension: 'webp' },
}

type Made = Omit<OriginalOutcome<WrittenFile<'original'>>, 'cpuMs'>

/** The full-size picture for its owner: the master's own pixels without a word about where it was taken. */
export async function makeOriginal(request: OriginalRequest): Promise<Made> {
  const bytes = await readMaster(request.masterPath)
  const picture = await openPicture(bytes)
  try {
    const stripped = strip(bytes, picture)
    const made = stripped ?? (await picture.encodeFullJpeg(originalQuality))
    const { type, extension } = (stripped && losslessTypes[picture.format]) || jpegType
    const file = `original.${extension}`
    await writeWhole(request.outDir, file, made)
    const { width, height } = picture.upright
    return {
      format: picture.format,
      width,
      height,
      lossless: stripped !== undefined,
      file: { name: 'original', file, width, height, bytes: made.length, type },
    }
  } finally {
    picture.dispose()
  }
}

/** Decoders forgive more than the stripper can vouch for: what it does not understand is coded anew. */
function strip(bytes: Buffer, { format, orientation }: Picture): Buffer | undefined {
  if (format !== 'jpeg' && format !== 'png' && format !== 'webp') return undefined
  try {
    return stripMetadata(bytes, format, orientation)
  } catch (error) {
    if (error instanceof MediaError) return undefined
    throw error
  }
}
