import assert from 'node:assert/strict'
import { test } from 'node:test'
import { presentMetadata } from './photo-metadata.ts'
import { photoExifOfXmp } from './photo-xmp.ts'

const packet = (attributes: string, elements = '') =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description rdf:about=""
    ${attributes}>${elements}</rdf:Description></rdf:RDF></x:xmpmeta>`

const whole = {
  capturedAt: '2026-05-17T18:30:05+02:00',
  cameraMake: 'NIKON CORPORATION',
  cameraModel: 'NIKON Z 6',
  lens: 'NIKKOR Z 35mm f/1.8 S',
  exposureSeconds: 1 / 250,
  aperture: 1.8,
  iso: 100,
  focalLengthMm: 35,
}

test('attributes are read, as Lightroom writes them', () => {
  const text = packet(
    `tiff:Make="NIKON CORPORATION" tiff:Model="NIKON Z 6" aux:Lens="NIKKOR Z 35mm f/1.8 S"
    aux:SerialNumber="0815" exif:ExposureTime="1/250" exif:FNumber="18/10" exif:FocalLength="350/10"
    exif:DateTimeOriginal="2026-05-17T18:30:05.12+02:00"`,
    '<exif:ISOSpeedRatings><rdf:Seq><rdf:li>100</rdf:li></rdf:Seq></exif:ISOSpeedRatings>',
  )
  assert.deepEqual(photoExifOfXmp(text), whole)
})

test('elements are read, and positions in both ways', () => {
  const text = packet(
    '',
    `<tiff:Model>A &amp; B</tiff:Model><exif:GPSLatitude>52,30.6N</exif:GPSLatitude>
     <exif:GPSLongitude>13,24,36W</exif:GPSLongitude>`,
  )
  assert.deepEqual(photoExifOfXmp(text), {
    cameraModel: 'A & B',
    gps: { latitude: 52.51, longitude: -13.41 },
  })
})

test('what is garbled, foreign or huge is never more than nothing, and never takes long', () => {
  for (const foul of [
    '',
    '<x:xmpmeta',
    'tiff:Make="',
    packet('tiff:Make="" exif:FNumber="1/0" exif:ExposureTime="-1/2" exif:GPSLatitude="99,99N"'),
    packet('exif:FNumber="NaN" exif:FocalLength="1e999" exif:DateTimeOriginal="yesterday"'),
    ' tiff:Make='.repeat(100_000),
    '<tiff:Make '.repeat(100_000),
    '<!ENTITY a "b">'.repeat(50_000),
  ])
    assert.deepEqual(presentMetadata(photoExifOfXmp(foul), 'owner'), {}, foul.slice(0, 60))
  const turned = packet(`tiff:Model="Cam\u202eera ${'x'.repeat(100_000)}"`)
  assert.deepEqual(photoExifOfXmp(turned), {}, 'no attribute is that long')
})
