import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cleanText, type PhotoExif, photoExifOf } from './photo-exif.ts'
import { cameraName, presentMetadata } from './photo-metadata.ts'

const whole: PhotoExif = {
  capturedAt: '2026-05-17T18:30:05+02:00',
  cameraMake: 'Apple',
  cameraModel: 'iPhone 15 Pro',
  lens: 'iPhone 15 Pro back triple camera 6.765mm f/1.78',
  software: '19.1',
  exposureSeconds: 1 / 250,
  aperture: 1.78,
  iso: 100,
  focalLengthMm: 6.765,
  focalLength35Mm: 24,
  flashFired: false,
  gps: { latitude: 52.5, longitude: 13.4, altitudeMetres: 34 },
}

describe('what is shown of a camera', () => {
  it('never has more than the seven facts, whatever is stored', () => {
    const stored = { ...whole, serialNumber: '0815', ownerName: 'Anna', imageUniqueId: 'f00' } as PhotoExif
    assert.deepEqual(presentMetadata(stored, 'everybody'), {
      camera: 'Apple iPhone 15 Pro',
      lens: 'iPhone 15 Pro back triple camera 6.765mm f/1.78',
      exposureSeconds: 1 / 250,
      aperture: 1.78,
      iso: 100,
      focalLengthMm: 6.765,
      capturedAt: '2026-05-17T18:30:05',
    })
  })

  it('never tells strangers the time zone', () => {
    assert.equal(presentMetadata(whole, 'owner').capturedAt, '2026-05-17T18:30:05+02:00')
    assert.equal(presentMetadata(whole, 'everybody').capturedAt, '2026-05-17T18:30:05')
  })

  it('never makes UTC, as videos have it, a clock on a wall', () => {
    for (const audience of ['owner', 'everybody'] as const)
      assert.equal(
        presentMetadata({ capturedAt: '2026-11-23T09:20:30Z' }, audience).capturedAt,
        '2026-11-23T09:20:30Z',
      )
  })

  it('never is anything a camera cannot have done', () => {
    const impossible: unknown[] = [
      { exposureSeconds: -1, aperture: Number.NaN, iso: Number.POSITIVE_INFINITY, focalLengthMm: 0 },
      { exposureSeconds: 1e9, aperture: 1e6, iso: 0.001, focalLengthMm: 1e9 },
      { exposureSeconds: '1/250', aperture: [2], iso: {}, focalLengthMm: null },
      { capturedAt: '0000-00-00T00:00:00' },
      { capturedAt: '2026-13-45T99:00:00' },
      { capturedAt: 20_260_517 },
      { cameraMake: 17, cameraModel: ['x'], lens: {} },
    ]
    for (const each of impossible)
      assert.deepEqual(presentMetadata(each as PhotoExif, 'owner'), {}, JSON.stringify(each))
    assert.deepEqual(presentMetadata(null, 'owner'), {})
  })

  it('never turns, hides or floods the line it stands in', () => {
    const foul = `Cam\u202Eera\u2066\u0000\u001b[31m\u200bOne\ud800\ufeff\n\r\t${'x'.repeat(200_000)}`
    const { camera = '', lens = '' } = presentMetadata({ cameraModel: foul, lens: foul }, 'everybody')
    for (const text of [camera, lens]) {
      assert.ok([...text].length <= 80, text)
      assert.match(text, /^Cam era \[31m One x+$/)
    }
    assert.equal(cleanText('\u202e\u2069 \u0007'), undefined)
  })
})

describe('the name of a camera', () => {
  const cases: [make: string | undefined, model: string | undefined, expected: string | undefined][] = [
    ['Apple', 'iPhone 15 Pro', 'Apple iPhone 15 Pro'],
    ['NIKON CORPORATION', 'NIKON D850', 'Nikon D850'],
    ['Canon', 'Canon EOS R5', 'Canon EOS R5'],
    ['SONY', 'ILCE-7M4', 'Sony ILCE-7M4'],
    ['FUJIFILM', 'X-T5', 'Fujifilm X-T5'],
    ['samsung', 'SM-S918B', 'Samsung SM-S918B'],
    ['HUAWEI', 'HUAWEI P30', 'Huawei P30'],
    ['OLYMPUS IMAGING CORP.', 'E-M1MarkII', 'Olympus E-M1MarkII'],
    ['OLYMPUS OPTICAL CO.,LTD', 'C5050Z', 'Olympus C5050Z'],
    ['LEICA CAMERA AG', 'LEICA Q2', 'Leica Q2'],
    ['EASTMAN KODAK COMPANY', 'KODAK DX4530', 'Kodak DX4530'],
    ['RICOH IMAGING COMPANY, LTD.', 'PENTAX K-1', 'Ricoh PENTAX K-1'],
    ['DJI', 'FC3582', 'DJI FC3582'],
    ['LGE', 'Nexus 5', 'LGE Nexus 5'],
    ['Google', undefined, 'Google'],
    [undefined, 'Pixel 8', 'Pixel 8'],
    ['Unknown', '----', undefined],
    [undefined, undefined, undefined],
  ]
  for (const [make, model, expected] of cases)
    it(`of ${make} and ${model} is ${expected}`, () => assert.equal(cameraName(make, model), expected))
})

describe('a lens that is none', () => {
  for (const lens of ['----', 'Unknown', '0.0 mm f/0.0', 'N/A', '   '])
    it(`“${lens}” is not shown`, () => assert.deepEqual(presentMetadata({ lens }, 'owner'), {}))
})

describe('raw tags', () => {
  it('that are garbled never become facts', () => {
    const garbled = photoExifOf({
      ifd0: { Make: { evil: true }, Model: '\u0000\u0000', ModifyDate: '2026:02:30 10:00:00' },
      exif: {
        ExposureTime: Number.NaN,
        FNumber: Number.POSITIVE_INFINITY,
        ISO: [Number.NaN],
        FocalLength: -35,
        OffsetTimeOriginal: '+99:99',
      },
      gps: { GPSLatitude: [91, 0, 0], GPSLongitude: [13, 0, 0] },
    })
    assert.deepEqual(garbled, {})
  })

  it('of a place over the date line and at the poles are read', () => {
    const at = (lat: number, latRef: string, lng: number, lngRef: string) =>
      photoExifOf({
        gps: {
          GPSLatitude: [lat, 0, 0],
          GPSLatitudeRef: latRef,
          GPSLongitude: [lng, 0, 0],
          GPSLongitudeRef: lngRef,
        },
      }).gps
    assert.deepEqual(at(90, 'S', 180, 'W'), { latitude: -90, longitude: -180 })
    assert.deepEqual(at(0, 'N', 180, 'E'), { latitude: 0, longitude: 180 })
    assert.equal(at(0, 'N', 180.5, 'E'), undefined)
  })
})
