/** A photograph ready to be drawn: decoded, upright, no larger than any preview needs. */
export interface OpenedPicture {
  image: ImageBitmap
  /** Pixels of the photograph itself. */
  width: number
  height: number
}

/** Twice the largest rendition: half of a photograph, cut out, is still shown sharp. */
const longSide = 2160

/** Throws what the browser throws when it cannot decode it. */
export async function openPicture(file: Blob, most = longSide): Promise<OpenedPicture> {
  const whole = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const { width, height } = whole
  const scale = most / Math.max(width, height)
  if (scale >= 1) return { image: whole, width, height }
  const image = await createImageBitmap(whole, {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: 'high',
  })
  whole.close()
  return { image, width, height }
}
