// HEIC by libheif in WebAssembly: sharp's own build has no HEVC decoder. The C interface is used rather than
// the JavaScript wrapper because only it gives the primary image, the colour profile and three-byte pixels.
import type { default as LibHeif } from 'libheif-js/wasm-bundle.js'
import { MediaError } from './media-error.ts'
import type { Size } from './picture-geometry.ts'

const rgbColorspace = 1
const interleavedRgb = 10
const interleavedChannel = 10
const errorStructBytes = 12
const wideGamutPrimaries = 12

export interface HeicPicture extends Size {
  /** The TIFF block, without the offset that HEIF puts before it. */
  exif: Buffer | undefined
  icc: Buffer | undefined
  /** Display P3 said by number instead of by profile. */
  isDisplayP3: boolean
  /** Upright pixels (rotation and mirroring of the container applied), three bytes each; valid until dispose(). */
  decode(): { data: Uint8Array; width: number; height: number }
  dispose(): void
}

export async function openHeic(bytes: Buffer): Promise<HeicPicture> {
  const { default: lib } = await import('libheif-js/wasm-bundle.js')
  return new HeicReader(lib).open(bytes)
}

class HeicReader {
  readonly #lib: typeof LibHeif
  readonly #releases: (() => void)[] = []

  constructor(lib: typeof LibHeif) {
    this.#lib = lib
  }

  open(bytes: Buffer): HeicPicture {
    try {
      const handle = this.#openPrimary(bytes)
      return {
        width: this.#lib._heif_image_handle_get_width(handle),
        height: this.#lib._heif_image_handle_get_height(handle),
        exif: this.#readExif(handle),
        ...this.#readColour(handle),
        decode: () => this.#decode(handle),
        dispose: () => this.#dispose(),
      }
    } catch (error) {
      this.#dispose()
      throw error
    }
  }

  #openPrimary(bytes: Buffer): number {
    const lib = this.#lib
    const data = this.#allocate(bytes.length)
    lib.HEAPU8.set(bytes, data)
    const context = lib._heif_context_alloc()
    this.#releases.push(() => lib._heif_context_free(context))
    this.#check((error) =>
      lib._heif_context_read_from_memory_without_copy(error, context, data, bytes.length, 0),
    )
    const handle = this.#checkOut((error, out) =>
      lib._heif_context_get_primary_image_handle(error, context, out),
    )
    this.#releases.push(() => lib._heif_image_handle_release(handle))
    return handle
  }

  #readExif(handle: number): Buffer | undefined {
    const lib = this.#lib
    const filter = this.#allocate(5)
    lib.HEAPU8.set(Buffer.from('Exif\0', 'latin1'), filter)
    const ids = this.#allocate(4)
    if (lib._heif_image_handle_get_list_of_metadata_block_IDs(handle, filter, ids, 1) < 1) return undefined
    const id = this.#readUint32(ids)
    const size = lib._heif_image_handle_get_metadata_size(handle, id)
    if (size <= 8) return undefined
    const out = this.#allocate(size)
    this.#check((error) => lib._heif_image_handle_get_metadata(error, handle, id, out))
    const block = Buffer.from(lib.HEAPU8.subarray(out, out + size))
    const start = 4 + block.readUInt32BE(0)
    return start < block.length ? block.subarray(start) : undefined
  }

  #readColour(handle: number): Pick<HeicPicture, 'icc' | 'isDisplayP3'> {
    const lib = this.#lib
    const size = lib._heif_image_handle_get_raw_color_profile_size(handle)
    if (size > 0) {
      const out = this.#allocate(size)
      this.#check((error) => lib._heif_image_handle_get_raw_color_profile(error, handle, out))
      return { icc: Buffer.from(lib.HEAPU8.subarray(out, out + size)), isDisplayP3: false }
    }
    if (lib._heif_image_handle_get_color_profile_type(handle) === 0) {
      return { icc: undefined, isDisplayP3: false }
    }
    const nclx = this.#checkOut((error, out) =>
      lib._heif_image_handle_get_nclx_color_profile(error, handle, out),
    )
    const primaries = this.#readUint32(nclx + 4)
    lib._heif_nclx_color_profile_free(nclx)
    return { icc: undefined, isDisplayP3: primaries === wideGamutPrimaries }
  }

  #decode(handle: number): { data: Uint8Array; width: number; height: number } {
    const lib = this.#lib
    const image = this.#checkOut((error, out) =>
      lib._heif_decode_image(error, handle, out, rgbColorspace, interleavedRgb, 0),
    )
    this.#releases.push(() => lib._heif_image_release(image))
    const width = lib._heif_image_get_width(image, interleavedChannel)
    const height = lib._heif_image_get_height(image, interleavedChannel)
    const strideOut = this.#allocate(4)
    const plane = lib._heif_image_get_plane_readonly(image, interleavedChannel, strideOut)
    const stride = this.#readUint32(strideOut)
    const rows = lib.HEAPU8.subarray(plane, plane + stride * height)
    return { data: withoutPadding(rows, stride, width * 3, height), width, height }
  }

  #check(call: (error: number) => void): void {
    const error = this.#allocate(errorStructBytes)
    call(error)
    if (this.#readUint32(error) === 0) return
    const message = this.#readUint32(error + 8)
    const heap = this.#lib.HEAPU8
    const text = Buffer.from(heap.subarray(message, heap.indexOf(0, message))).toString('utf8')
    throw failureOf(text)
  }

  #checkOut(call: (error: number, out: number) => void): number {
    const out = this.#allocate(4)
    this.#check((error) => call(error, out))
    return this.#readUint32(out)
  }

  #allocate(size: number): number {
    const pointer = this.#lib._malloc(size)
    if (pointer === 0) throw new MediaError('media.out_of_memory', `heic: no ${size} bytes`)
    this.#releases.push(() => this.#lib._free(pointer))
    return pointer
  }

  #readUint32(at: number): number {
    const heap = this.#lib.HEAPU8
    return new DataView(heap.buffer, heap.byteOffset).getUint32(at, true)
  }

  /** Last taken, first given back: the context still points into the file's bytes. */
  #dispose(): void {
    for (const release of this.#releases.splice(0).reverse()) release()
  }
}

function failureOf(text: string): MediaError {
  if (/security limit|exceeds the maximum/i.test(text)) return new MediaError('media.too_many_pixels', text)
  if (/memory/i.test(text)) return new MediaError('media.out_of_memory', text)
  return new MediaError('media.corrupt', `heic: ${text.trim()}`)
}

function withoutPadding(rows: Uint8Array, stride: number, rowBytes: number, height: number): Uint8Array {
  if (stride === rowBytes) return rows
  const packed = new Uint8Array(rowBytes * height)
  for (let y = 0; y < height; y++) {
    packed.set(rows.subarray(y * stride, y * stride + rowBytes), y * rowBytes)
  }
  return packed
}
