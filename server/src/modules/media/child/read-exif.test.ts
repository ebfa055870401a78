import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cameraTiff, gps, marks } from '../../../../test/corpus/camera-metadata.ts'
import { readExif } from './read-exif.ts'

describe('readExif', () => {
  it('reads time, camera, lens, exposure and place', async () => {
    const { gps: place, ...rest } = await readExif(cameraTiff(6))
    assert.deepEqual(rest, {
      capturedAt: '2026-05-17T18:30:05+02:00',
      cameraMake: marks.make,
      cameraModel: 'Camera One',
      lens: 'Lens 5.7mm f/1.8',
      software: 'Firmware 1.2',
      exposureSeconds: 1 / 125,
      aperture: 1.8,
      iso: 64,
      focalLengthMm: 5.7,
      focalLength35Mm: 26,
      flashFired: false,
    })
    assert.ok(Math.abs(place!.latitude - gps.latitude) < 1e-6, String(place!.latitude))
    assert.ok(Math.abs(place!.longitude - gps.longitude) < 1e-6, String(place!.longitude))
    assert.equal(place!.altitudeMetres, 34)
  })

  it('never fails on garbled blocks', async () => {
    const whole = cameraTiff(1)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40, size: 'max' }),
        fc.nat(whole.length),
        async (changes, length) => {
          const garbled = Buffer.from(whole)
          for (const [at, value] of changes) garbled[at] = value
          const exif = await readExif(garbled.subarray(0, length))
          assert.ok(JSON.stringify(exif).length < 2500)
        },
      ),
    )
  })

  it('fills from XMP what EXIF leaves open', async () => {
    const xmp = Buffer.from('<rdf:Description tiff:Model="Other" exif:FNumber="4/1" aux:Lens="35mm"/>')
    assert.deepEqual(await readExif(undefined, xmp), { cameraModel: 'Other', lens: '35mm', aperture: 4 })
    const { cameraModel, aperture } = await readExif(cameraTiff(1), xmp)
    assert.deepEqual([cameraModel, aperture], ['Camera One', 1.8])
  })

  it('has nothing to say without a block', async () => {
    assert.deepEqual(await readExif(undefined), {})
    assert.deepEqual(await readExif(Buffer.from('II*\0')), {})
  })
})
