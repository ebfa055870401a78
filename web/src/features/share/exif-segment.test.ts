import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyExif, findExif, setUpright } from './exif-segment.ts'

/** SOI, an APP1 of one entry (orientation 6, little-endian), then scan data. */
function jpegWithOrientation(orientation: number): Uint8Array<ArrayBuffer> {
  const tiff = [
    0x49,
    0x49,
    42,
    0,
    8,
    0,
    0,
    0,
    1,
    0,
    0x12,
    0x01,
    3,
    0,
    1,
    0,
    0,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]
  const exif = [...new TextEncoder().encode('Exif'), 0, 0, ...tiff]
  const length = exif.length + 2
  return new Uint8Array([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255, ...exif, 0xff, 0xda, 1, 2, 3])
}

test('the segment of the camera is found and says upright afterwards', async () => {
  const segment = findExif(jpegWithOrientation(6))
  assert.ok(segment)
  assert.equal(setUpright(segment)[4 + 6 + 18], 1)
  const plain = new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xda, 9])])
  const joined = new Uint8Array(
    await (await copyExif(new Blob([jpegWithOrientation(6)]), plain)).arrayBuffer(),
  )
  assert.deepEqual([...joined.subarray(0, 4)], [0xff, 0xd8, 0xff, 0xe1])
  assert.equal(joined.at(-1), 9)
})

test('what is no JPEG, has no EXIF or is cut off has no segment', () => {
  assert.equal(findExif(new Uint8Array([1, 2, 3, 4, 5])), undefined)
  assert.equal(findExif(new Uint8Array()), undefined)
  assert.equal(findExif(jpegWithOrientation(1).subarray(0, 12)), undefined)
})
