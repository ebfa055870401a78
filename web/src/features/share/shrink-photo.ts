import { savingData } from '../../lib/data-saver.ts'
import { slowLine } from '../../lib/network.ts'
import { copyExif } from './exif-segment.ts'

const longSide = 2160
const wantedBytes = 500_000

/** Photographs go up as they are, unless the person saves data or the line is slow. */
export async function shrinkForSlowLink(file: Blob): Promise<Blob> {
  const isSlow = savingData.value || slowLine.value
  return isSlow && file.size > wantedBytes ? shrink(file) : file
}

/** What the browser cannot decode (HEIC in most) goes up as it is. */
async function shrink(file: Blob): Promise<Blob> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const scale = Math.min(1, longSide / Math.max(bitmap.width, bitmap.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(bitmap.width * scale)
    canvas.height = Math.round(bitmap.height * scale)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    for (const quality of [0.85, 0.75, 0.65]) {
      const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
      // A type that the browser cannot write becomes PNG without a word.
      if (jpeg?.type !== 'image/jpeg') return file
      if (jpeg.size <= wantedBytes || quality === 0.65)
        return jpeg.size < file.size ? await copyExif(file, jpeg) : file
    }
    return file
  } catch {
    return file
  }
}
