import sharp from 'sharp'
import { photographs } from '../../../bench/photographs.ts'

/** What playwright hands to a file input. */
export interface PickedFile {
  name: string
  mimeType: string
  buffer: Buffer
}

/** A real photograph as a phone would make it: twelve megapixels, and the place where it was taken. */
export async function phonePhotograph(which = 3): Promise<PickedFile> {
  const { name, path } = photographs[which % photographs.length]!
  const buffer = await sharp(path)
    .resize(4032, 3024, { fit: 'cover' })
    .jpeg({ quality: 88 })
    .withExif({
      IFD0: { Make: 'Maker', Model: 'Phone' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 31/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 0/1',
      },
    })
    .toBuffer()
  return { name: `${name}.jpg`, mimeType: 'image/jpeg', buffer }
}

/** For tests that are about something else: real, and quickly prepared. */
export async function smallPhotograph(which = 0, width = 900, height = 1125): Promise<PickedFile> {
  const { name, path } = photographs[which % photographs.length]!
  const buffer = await sharp(path).resize(width, height, { fit: 'cover' }).jpeg({ quality: 80 }).toBuffer()
  return { name: `${name}.jpg`, mimeType: 'image/jpeg', buffer }
}
