import type { PictureHashes } from '#modules/media'

/**
 * Of 64 bits, measured on 120 photographs and drawings (docs/adr/0012): copies that were coded anew at quality 30,
 * halved, blurred, or had gamma or colour changed differ in 0 to 4, those that lost 2 % at each side in 6 (half of
 * them). Of their 7,140 pairs of different pictures one differed in 8, two drawings of one kind, and none in fewer.
 */
const sameWithin = 4
const alikeWithin = 8

const hashBytes = 8

export interface Match {
  /** Bits that differ from the most like one. */
  distance: number
  /** It is the removed one, not only much like it. */
  isSame: boolean
}

/** Halves of hashes: numbers are compared many times as fast as big integers. */
interface Hashes {
  high: Uint32Array
  low: Uint32Array
}

export interface Likenesses {
  stills: Hashes
  films: readonly Hashes[]
}

/** Removed ones, ready to be compared. */
export function collectLikenesses(removed: readonly PictureHashes[]): Likenesses {
  const films = removed.filter(({ frames }) => frames !== null)
  return {
    stills: tellingOf(removed.map(stillsOf)),
    films: films.map(({ frames }) => tellingOf([frames])).filter(({ high }) => high.length > 0),
  }
}

export function isTelling(hashes: PictureHashes): boolean {
  return tellingOf([hashes.shown, hashes.whole, hashes.frames]).high.length > 0
}

/**
 * A photograph is the same as a removed one by itself or by the whole that it is cut from. One picture does not make a
 * film the same: two may begin with the same title. Most of its pictures have to be of one removed film.
 */
export function matchOf({ stills, films }: Likenesses, picture: PictureHashes): Match | null {
  const isFilm = picture.frames !== null
  const frameCount = (picture.frames?.length ?? 0) / hashBytes
  const seen = tellingOf(isFilm ? [picture.frames] : [picture.shown, picture.whole])
  const fromStills = nearestOf(stills, tellingOf([picture.shown, picture.whole, picture.frames]))
  let distance = Math.min(...fromStills, 64)
  let isSame = !isFilm && distance <= sameWithin
  for (const film of films) {
    const near = nearestOf(film, seen)
    distance = Math.min(distance, ...near)
    if (isFilm && near.filter((bits) => bits <= sameWithin).length * 2 > frameCount) isSame = true
  }
  return distance <= alikeWithin ? { distance, isSame } : null
}

export function worstOf(one: Match | null, other: Match | null): Match | null {
  if (one === null || other === null) return one ?? other
  return { distance: Math.min(one.distance, other.distance), isSame: one.isSame || other.isSame }
}

/** Of a film its pictures say what it is; the poster is one of those. */
function stillsOf({ shown, whole, frames }: PictureHashes): Buffer | null {
  return frames === null ? Buffer.concat([shown, whole].filter((bytes) => bytes !== null)) : null
}

/** About half of the bits are set in any picture; one without structure has none, and is like no other. */
function tellingOf(packed: readonly (Buffer | null)[]): Hashes {
  const bytes = Buffer.concat(packed.filter((one) => one !== null))
  const all = Array.from({ length: Math.floor(bytes.length / hashBytes) }, (_, at) => ({
    high: bytes.readUInt32BE(at * hashBytes),
    low: bytes.readUInt32BE(at * hashBytes + 4),
  }))
  const telling = all.filter(({ high, low }) => {
    const bits = bitsOf(high) + bitsOf(low)
    return bits >= 20 && bits <= 44
  })
  return {
    high: Uint32Array.from(telling, ({ high }) => high),
    low: Uint32Array.from(telling, ({ low }) => low),
  }
}

/** For each of `wanted`, the bits in which the nearest differs. */
function nearestOf(known: Hashes, wanted: Hashes): number[] {
  return Array.from(wanted.high, (high, at) => {
    const low = wanted.low[at]!
    let least = 65
    for (let one = 0; one < known.high.length; one++) {
      const bits = bitsOf(high ^ known.high[one]!) + bitsOf(low ^ known.low[one]!)
      if (bits < least) least = bits
    }
    return least
  })
}

function bitsOf(value: number): number {
  let v = value - ((value >>> 1) & 0x5555_5555)
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
