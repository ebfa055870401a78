import { exifrOptions, type PhotoExif, photoExifOf, type RawTags } from '@heliograph/contract/photo-exif'
import { photoExifOfXmp } from '@heliograph/contract/photo-xmp'
import exifr from 'exifr'

/** A favour, never a condition: what cannot be read is left out. XMP fills what EXIF leaves open. */
export async function readExif(tiff: Buffer | undefined, xmp?: Buffer): Promise<PhotoExif> {
  const fromXmp = xmp ? photoExifOfXmp(xmp.toString('utf8', 0, xmpBytes)) : {}
  return { ...fromXmp, ...(await readTiff(tiff)) }
}

const xmpBytes = 1024 * 1024

async function readTiff(tiff: Buffer | undefined): Promise<PhotoExif> {
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
