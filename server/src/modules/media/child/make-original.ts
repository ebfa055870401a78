import { type FullFormat, openPicture } from './decode-picture.ts'
import { writeWhole } from './encode-renditions.ts'
import { MediaError } from './media-error.ts'
import type { OriginalOutcome, OriginalRequest, WrittenFile } from './protocol.ts'
import { readMaster } from './read-master.ts'
import { stripMetadata } from './strip-metadata.ts'

const fileTypes: Record<FullFormat, { type: WrittenFile['type']; extension: string }> = {
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
    const format = picture.format in fileTypes ? (picture.format as FullFormat) : undefined
    const stripped = format && strip(bytes, format, picture.orientation)
    const made = stripped ?? (await encodeWithoutDevice(picture, format ?? 'jpeg'))
    const { type, extension } = fileTypes[format ?? 'jpeg']
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

/** What is coded anew keeps the picture's profile, which may name the device that it was made for. */
async function encodeWithoutDevice(picture: Picture, format: FullFormat): Promise<Buffer> {
  return stripMetadata(await picture.encodeFull(format), format, 1)
}

type Picture = Awaited<ReturnType<typeof openPicture>>

/** Decoders forgive more than the stripper can vouch for: what it does not understand is coded anew. */
function strip(bytes: Buffer, format: FullFormat, orientation: number): Buffer | undefined {
  try {
    return stripMetadata(bytes, format, orientation)
  } catch (error) {
    if (error instanceof MediaError) return undefined
    throw error
  }
}
