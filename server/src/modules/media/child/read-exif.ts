import { type PhotoExif, photoExifOf, readTags } from '@heliograph/contract/photo-exif'
import exifr from 'exifr'

const options = {
  tiff: true,
  ifd0: { pick: readTags.ifd0 },
  exif: { pick: readTags.exif },
  gps: { pick: readTags.gps },
  ifd1: false,
  interop: false,
  makerNote: false,
  userComment: false,
  reviveValues: false,
  translateValues: false,
  sanitize: true,
  mergeOutput: false,
} as const

/** EXIF is a favour, never a condition: what cannot be read is left out. */
export async function readExif(tiff: Buffer | undefined): Promise<PhotoExif> {
  if (!tiff || tiff.length < 8) return {}
  try {
    const parsed: Parameters<typeof photoExifOf>[0] | undefined = await exifr.parse(
      tiff,
      options as unknown as Parameters<typeof exifr.parse>[1],
    )
    return parsed ? photoExifOf(parsed) : {}
  } catch {
    return {}
  }
}
