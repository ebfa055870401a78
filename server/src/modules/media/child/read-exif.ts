import { exifrOptions, type PhotoExif, photoExifOf, type RawTags } from '@heliograph/contract/photo-exif'
import exifr from 'exifr'

/** EXIF is a favour, never a condition: what cannot be read is left out. */
export async function readExif(tiff: Buffer | undefined): Promise<PhotoExif> {
  if (!tiff || tiff.length < 8) return {}
  try {
    const parsed: RawTags | undefined = await exifr.parse(
      tiff,
      // Its types know neither “not at all” for a directory nor numbers beside names.
      exifrOptions as unknown as Parameters<typeof exifr.parse>[1],
    )
    return parsed ? photoExifOf(parsed) : {}
  } catch {
    return {}
  }
}
