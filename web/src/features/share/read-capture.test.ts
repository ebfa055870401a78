import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { readCapture } from './read-capture.ts'

const exif = {
  IFD0: { Make: 'NIKON CORPORATION', Model: 'NIKON Z 6' },
  IFD2: { FNumber: '18/10', DateTimeOriginal: '2025:08:14 19:42:10' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '38/1 42/1 0/1',
    GPSLongitudeRef: 'W',
    GPSLongitude: '9/1 6/1 0/1',
  },
}
const plain = () => sharp({ create: { width: 64, height: 48, channels: 3, background: '#888' } })

for (const format of ['jpeg', 'png', 'webp', 'avif'] as const)
  test(`what a camera wrote is found in ${format}`, async () => {
    const bytes = await plain().withExif(exif).toFormat(format).toBuffer()
    assert.deepEqual(await readCapture(new Blob([new Uint8Array(bytes)])), {
      capturedAt: '2025-08-14T19:42:10',
      cameraMake: 'NIKON CORPORATION',
      cameraModel: 'NIKON Z 6',
      aperture: 1.8,
      gps: { latitude: 38.7, longitude: -9.1 },
    })
  })

test('what an editor left in XMP alone is found, and EXIF is believed before it', async () => {
  const xmp =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Model="Other" aux:Lens="35mm"/></x:xmpmeta>'
  for (const format of ['jpeg', 'webp'] as const) {
    const bytes = await plain().withXmp(xmp).toFormat(format).toBuffer()
    const found = await readCapture(new Blob([new Uint8Array(bytes)]))
    assert.deepEqual(found, { cameraModel: 'Other', lens: '35mm' }, format)
  }
  const both = await plain().withXmp(xmp).withExif(exif).jpeg().toBuffer()
  const { cameraModel, lens } = await readCapture(new Blob([new Uint8Array(both)]))
  assert.deepEqual([cameraModel, lens], ['NIKON Z 6', '35mm'])
})

test('a picture without, an empty file and none at all are no errors', async () => {
  const bytes = await plain().png().toBuffer()
  for (const each of [bytes, Buffer.alloc(0), Buffer.from('Exif\0\0II*\0and then nothing')])
    assert.deepEqual(await readCapture(new Blob([new Uint8Array(each)])), {})
})
