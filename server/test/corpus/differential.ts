// Our pipeline beside the bare decoders: whatever sharp or libheif can decode alone, by the same options, must be ready.
import { readFile } from 'node:fs/promises'
import { type PhotoFormat, photoLimits } from '../../src/modules/media/child/protocol.ts'
import { sharp } from '../../src/modules/media/child/sharp-rules.ts'
import { sniffFormat } from '../../src/modules/media/child/sniff-format.ts'
import { MediaError, type MediaPool } from '../../src/modules/media/rendering/media-pool.ts'

export interface Comparison {
  /** Undefined: no format that the capabilities name. */
  format: PhotoFormat | undefined
  /** `ready`, or the code of the failure and the decoder's words. */
  ours: string
  /** `decoded`, or the bare decoder's words; asked only where ours failed. */
  alone: string
}

/** Counts: the decoder alone makes a picture of it. */
export function isFault({ format, ours, alone }: Comparison): boolean {
  return format !== undefined && ours !== 'ready' && alone === 'decoded'
}

export async function compare(pool: MediaPool, masterPath: string, outDir: string): Promise<Comparison> {
  const bytes = await readFile(masterPath)
  const format = formatOf(bytes)
  const ours = await wordsOf('ready', async () => {
    const made = await pool.render({ id: masterPath, kind: 'photo', purpose: 'media', masterPath, outDir })
    // The database refuses both in JSON, and the picture with them.
    if (/\\u(?:0000|d[89a-f])/i.test(JSON.stringify(made.exif))) throw new Error('exif that cannot be kept')
  })
  if (ours === 'ready' || !format || bytes.length > photoLimits.maxBytes) return { format, ours, alone: '' }
  const alone = await wordsOf('decoded', () =>
    format === 'heic' ? decodeHeic(bytes) : decodeAlone(bytes, format),
  )
  return { format, ours, alone }
}

function formatOf(bytes: Buffer): PhotoFormat | undefined {
  try {
    return sniffFormat(bytes)
  } catch {
    return undefined
  }
}

async function wordsOf(success: string, work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return success
  } catch (error) {
    if (error instanceof MediaError) return `${error.code} ${error.detail ?? ''}`.trim()
    return error instanceof Error ? error.message : String(error)
  }
}

function decodeAlone(bytes: Buffer, format: PhotoFormat): Promise<unknown> {
  return sharp(bytes, { limitInputPixels: photoLimits.maxPixels[format], failOn: 'error' })
    .resize(1080, 1080, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer()
}

/** By the library's own decoder, which takes the first picture of a file. */
async function decodeHeic(bytes: Buffer): Promise<void> {
  const { default: libheif } = await import('libheif-js/wasm-bundle.js')
  const images = new libheif.HeifDecoder().decode(bytes)
  const [image] = images
  if (!image) throw new Error('no picture')
  const [width, height] = [image.get_width(), image.get_height()]
  if (width * height > photoLimits.maxPixels.heic) throw new Error(`${width}×${height}`)
  await new Promise<void>((resolve, reject) => {
    const target = { data: new Uint8ClampedArray(width * height * 4), width, height }
    image.display(target, (shown) => (shown ? resolve() : reject(new Error('not decoded'))))
  })
  for (const one of images) one.free()
}
