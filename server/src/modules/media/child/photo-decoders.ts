import { openPicture } from './decode-picture.ts'
import { decoderSamples } from './decoder-samples.ts'
import { type PhotoFormat, photoFormats } from './protocol.ts'

/**
 * The formats that the decoders of this very build read: each is given a picture. A libvips or libheif made
 * without one of them sniffs the file and opens its header all the same.
 */
export async function decodableFormats(open: typeof openPicture = openPicture): Promise<PhotoFormat[]> {
  const found: PhotoFormat[] = []
  for (const format of photoFormats) if (await decodes(format, open)) found.push(format)
  return found
}

async function decodes(format: PhotoFormat, open: typeof openPicture): Promise<boolean> {
  try {
    const picture = await open(Buffer.from(decoderSamples[format], 'base64'))
    try {
      const whole = { left: 0, top: 0, ...picture.stored }
      const { data } = (await picture.decode(whole, picture.stored)).raw
      return picture.format === format && data.length > 0
    } finally {
      picture.dispose()
    }
  } catch {
    return false
  }
}
