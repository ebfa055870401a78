import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { around, distance } from 'geokdbush'
import KDBush from 'kdbush'

/** What the process that reads the list leaves: flat arrays, one entry a place. */
export interface GazetteerData {
  /** A k-d tree of longitudes and latitudes. */
  index: ArrayBuffer
  /** UTF-8, one after the other. */
  names: Uint8Array<ArrayBuffer>
  nameStarts: Uint32Array<ArrayBuffer>
  /** ISO 3166-1, two letters. */
  countries: string[]
  countryOf: Uint16Array<ArrayBuffer>
  /** The city that a quarter belongs to; -1 for what is no quarter. */
  cityOf: Int32Array<ArrayBuffer>
}

export interface Town {
  name: string
  country: string
  lat: number
  lng: number
}

export interface Gazetteer {
  /** On the sphere, over the date line and the poles too. */
  nearest(lat: number, lng: number): Town | null
}

/** Farther away a name would say more than is known. */
const nearKm = 50
/** Across Berlin; farther out, a town that shares a region's name with its capital goes by its own. */
const sameCityKm = 15
const loadMs = 60_000

export function createGazetteer(data: GazetteerData): Gazetteer {
  const index = KDBush.from(data.index)
  const positions = positionsOf(index)
  const names = new TextDecoder()
  const isNear = (at: number, lat: number, lng: number) =>
    distance(lng, lat, positions[2 * at]!, positions[2 * at + 1]!) <= sameCityKm

  return {
    nearest(lat, lng) {
      const [nearest] = around(index, lng, lat, 1, nearKm)
      if (nearest === undefined) return null
      const city = data.cityOf[nearest]!
      const at = city !== -1 && isNear(city, lat, lng) ? city : nearest
      return {
        name: names.decode(data.names.subarray(data.nameStarts[at], data.nameStarts[at + 1])),
        country: data.countries[data.countryOf[at]!]!,
        lng: rounded(positions[2 * at]!),
        lat: rounded(positions[2 * at + 1]!),
      }
    },
  }
}

/** The tree holds its points in its own order; this is theirs. */
function positionsOf({ ids, coords }: KDBush): Float32Array {
  const positions = new Float32Array(coords.length)
  for (let at = 0; at < ids.length; at++) {
    positions[2 * ids[at]!] = coords[2 * at]!
    positions[2 * ids[at]! + 1] = coords[2 * at + 1]!
  }
  return positions
}

/** About a metre: what 32 bits hold of a degree. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e4) / 1e4
}

const reader = fileURLToPath(new URL('./places-gazetteer-reader.ts', import.meta.url))

export async function loadGazetteer(): Promise<Gazetteer> {
  const child = fork(reader, {
    execArgv: ['--max-old-space-size=512', '--disable-warning=ExperimentalWarning'],
    env: {},
    // Arrays go over as bytes.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const { promise, resolve, reject } = Promise.withResolvers<GazetteerData>()
  const timer = setTimeout(() => reject(new Error('Reading the gazetteer took too long')), loadMs)
  child.once('message', (data) => resolve(data as GazetteerData)).once('error', reject)
  child.once('exit', (code, signal) => reject(new Error(`The gazetteer's reader ended: ${signal ?? code}`)))
  try {
    return createGazetteer(await promise)
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
  }
}
