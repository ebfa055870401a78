import { halvesOf, hashOfHalves, idOf } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'

export interface AuthorTaste {
  /** As at `asOf`. */
  readonly given: number
  readonly received: number
  /** Logarithm of how much more often than usual their posts are answered. */
  readonly lift: number
}

const recordBytes = 32
const words = recordBytes / 4
const doubles = recordBytes / 8
const atHi = 0
const atLo = 1
const atGiven = 1
const atReceived = 2
const atLift = 3

export const unknownAuthor = -1

/**
 * What is known of authors, found by the halves of their ids: a feed looks some two hundred of them up, which lie anywhere
 * in memory. Each is one record; a Map of objects met five lines of the processor's cache for each, and took four times
 * the room. Never changed once made.
 */
export class AuthorTastes implements Iterable<[Id, AuthorTaste]> {
  readonly size: number
  readonly #words: Uint32Array
  readonly #doubles: Float64Array
  readonly #mask: number

  constructor(tastes: ReadonlyMap<Id, AuthorTaste> = new Map()) {
    this.size = tastes.size
    const places = 2 ** Math.ceil(Math.log2(1 + tastes.size * 1.5))
    this.#mask = places - 1
    const bytes = new ArrayBuffer(places * recordBytes)
    this.#words = new Uint32Array(bytes)
    this.#doubles = new Float64Array(bytes)
    for (const [id, { given, received, lift }] of tastes) {
      const { hi, lo } = halvesOf(id)
      const place = this.#locate(hi, lo)
      this.#words[place * words + atHi] = hi
      this.#words[place * words + atLo] = lo
      this.#doubles[place * doubles + atGiven] = given
      this.#doubles[place * doubles + atReceived] = received
      this.#doubles[place * doubles + atLift] = lift
    }
  }

  get bytes(): number {
    return this.#words.byteLength
  }

  /** Its place, or `unknownAuthor`. */
  find(hi: number, lo: number): number {
    const place = this.#locate(hi, lo)
    return this.#isFree(place) ? unknownAuthor : place
  }

  given(place: number): number {
    return this.#doubles[place * doubles + atGiven]!
  }

  received(place: number): number {
    return this.#doubles[place * doubles + atReceived]!
  }

  lift(place: number): number {
    return this.#doubles[place * doubles + atLift]!
  }

  get(id: Id): AuthorTaste | undefined {
    const { hi, lo } = halvesOf(id)
    const place = this.find(hi, lo)
    return place === unknownAuthor ? undefined : this.#at(place)
  }

  *[Symbol.iterator](): Iterator<[Id, AuthorTaste]> {
    for (let place = 0; place <= this.#mask; place++)
      if (!this.#isFree(place))
        yield [idOf(this.#words[place * words + atHi]!, this.#words[place * words + atLo]!), this.#at(place)]
  }

  #at(place: number): AuthorTaste {
    return { given: this.given(place), received: this.received(place), lift: this.lift(place) }
  }

  /** Nobody's id is 0. */
  #isFree(place: number): boolean {
    return this.#words[place * words + atLo] === 0 && this.#words[place * words + atHi] === 0
  }

  /** Where it is, or where it would be. */
  #locate(hi: number, lo: number): number {
    let place = hashOfHalves(hi, lo) & this.#mask
    for (;;) {
      const at = place * words
      if (this.#words[at + atLo] === lo && this.#words[at + atHi] === hi) return place
      if (this.#isFree(place)) return place
      place = (place + 1) & this.#mask
    }
  }
}
