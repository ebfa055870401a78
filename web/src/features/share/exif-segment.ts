const soi = 0xffd8
const app1 = 0xe1
const sos = 0xda
const orientationTag = 0x0112

/**
 * Canvas drops the camera's notes; the owner's export wants them. Copies the EXIF segment of one JPEG into
 * another, saying "upright", since the canvas has turned the pixels.
 */
export async function copyExif(from: Blob, to: Blob): Promise<Blob> {
  const segment = findExif(new Uint8Array(await from.slice(0, 256 * 1024).arrayBuffer()))
  if (!segment) return to
  return new Blob([to.slice(0, 2), setUpright(segment) as Uint8Array<ArrayBuffer>, to.slice(2)], {
    type: 'image/jpeg',
  })
}

/** The whole APP1 segment with its marker, or undefined: no JPEG, no EXIF, or cut off. */
export function findExif(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4 || view.getUint16(0) !== soi) return undefined
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1]
    if (bytes[at] !== 0xff || marker === sos) return undefined
    const end = at + 2 + view.getUint16(at + 2)
    const isExif = marker === app1 && String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === 'Exif'
    if (isExif) return end <= bytes.length ? bytes.slice(at, end) : undefined
    at = end
  }
  return undefined
}

/** A copy with orientation 1; a segment that cannot be followed stays as it is. */
export function setUpright(segment: Uint8Array): Uint8Array {
  const copy = segment.slice()
  const view = new DataView(copy.buffer)
  const tiff = 10
  if (copy.length < tiff + 14) return copy
  const little = view.getUint16(tiff) === 0x4949
  const directory = tiff + view.getUint32(tiff + 4, little)
  if (directory + 2 > copy.length) return copy
  const count = view.getUint16(directory, little)
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12
    if (entry + 12 > copy.length) break
    if (view.getUint16(entry, little) === orientationTag) view.setUint16(entry + 8, 1, little)
  }
  return copy
}
