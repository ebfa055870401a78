import { exifrOptions, type PhotoExif, photoExifOf, type RawTags } from '@heliograph/contract/photo-exif'
import { photoExifOfXmp } from '@heliograph/contract/photo-xmp'

/**
 * What the camera wrote, read before a byte goes up: the person decides what to show while writing, and uploads
 * begin after that. Nothing that cannot be read is an error.
 */
export async function readCapture(file: Blob): Promise<PhotoExif> {
  return { ...(await findXmp(file)), ...(await findExif(file)) }
}

async function findExif(file: Blob): Promise<PhotoExif> {
  const found = await readTags(file)
  if (found) return photoExifOf(found)
  const block = await findBlock(file)
  return photoExifOf((block && (await readTags(block))) ?? {})
}

/** Where it stands as text; PNG may have it compressed, and then the server alone reads it. */
async function findXmp(file: Blob): Promise<PhotoExif> {
  for (const part of bothEnds(file)) {
    const text = await part.text()
    const at = text.indexOf('<x:xmpmeta')
    if (at !== -1) return photoExifOfXmp(text.slice(at))
  }
  return {}
}

async function readTags(source: Blob | Uint8Array<ArrayBuffer>): Promise<RawTags | undefined> {
  try {
    const { default: exifr } = await import('exifr')
    const tags: RawTags | undefined = await exifr.parse(
      source,
      exifrOptions as unknown as Parameters<typeof exifr.parse>[1],
    )
    return tags?.ifd0 || tags?.exif || tags?.gps ? tags : undefined
  } catch {
    return undefined
  }
}

const lookedAtBytes = 256 * 1024
/** As JPEG and HEIF, WebP and PNG name it; what follows is the block itself. */
const blockName = /(?:Exif\0\0|EXIF[\s\S]{4}|eXIf)(?=II\*\0|MM\0\*)/

/** exifr knows no WebP, nor each AVIF and PNG: there the block is looked for at both ends of the file. */
async function findBlock(file: Blob): Promise<Uint8Array<ArrayBuffer> | undefined> {
  for (const part of bothEnds(file)) {
    const bytes = new Uint8Array(await part.arrayBuffer())
    const [name, at] = nameIn(bytes)
    if (name !== '') return bytes.slice(at + name.length)
  }
  return undefined
}

function bothEnds(file: Blob): Blob[] {
  return [file.slice(0, lookedAtBytes), file.slice(-lookedAtBytes)]
}

function nameIn(bytes: Uint8Array): [name: string, at: number] {
  const found = new TextDecoder('latin1').decode(bytes).match(blockName)
  return found ? [found[0], found.index ?? 0] : ['', 0]
}
