import { randomBytes } from 'node:crypto'
import type { LiveEvent } from '@heliograph/contract/live'

export interface LogBounds {
  /** Words of one account that are kept, */
  maxWords: number
  /** and characters of them together. */
  maxLength: number
}

/**
 * A place in a stream, of which words must not come in another order: one that is late, behind a later one, is not told any
 * more. As with all live words, the later one says as much: read again.
 */
export interface Order {
  stream: string
  at: number
}

/** Streams of one account whose place is remembered; of one that was forgotten a late word is told, as a needless hint. */
const maxStreams = 64

/**
 * What one account was told lately, in order. Each of its sockets reads on from where it is, and so does who comes back: a
 * slow client and one that was away are the same thing, and neither costs more than this.
 */
export class LiveLog {
  /** Ids of an earlier log of the account, or of another process, are known by it as none of these. */
  readonly #token = randomBytes(6).toString('base64url')
  readonly #bounds: LogBounds
  readonly #words: string[] = []
  #streams: Map<string, number> | undefined
  /** The number of the newest word, */
  #last = 0
  /** and of the newest that is not kept: what is kept comes right behind it. */
  #lost = 0
  #length = 0

  constructor(bounds: LogBounds) {
    this.#bounds = bounds
  }

  get last(): number {
    return this.#last
  }

  /** Characters that are kept. */
  get length(): number {
    return this.#length
  }

  /** False: the word is not told, since a later one of its stream was. */
  add(event: LiveEvent, order?: Order): boolean {
    if (order && !this.#advance(order)) return false
    this.#last += 1
    const text = this.#word(event, this.#last)
    this.#words.push(text)
    this.#length += text.length
    while (this.#words.length > this.#bounds.maxWords || this.#length > this.#bounds.maxLength) this.#lose()
    return true
  }

  /** The word behind this one; undefined where it is not kept. */
  behind(at: number): string | undefined {
    return at < this.#lost ? undefined : this.#words[at - this.#lost]
  }

  /** Where who has heard this id reads on; before everything when the id says nothing here. */
  placeOf(id: string): number {
    const [token, text = ''] = id.split('.')
    const place = /^\d{1,15}$/.test(text) ? Number(text) : -1
    return token === this.#token && place <= this.#last ? place : -1
  }

  /** Without an id for who has missed something: that it was told so must come before it counts as told. */
  hello(at: number): string {
    return at < this.#lost ? JSON.stringify({ type: 'hello' }) : this.#word({ type: 'hello' }, at)
  }

  /** Instead of everything up to now. */
  resync(): string {
    return this.#word({ type: 'resync' }, this.#last)
  }

  /** Nothing is kept; who has heard everything has missed nothing. */
  forget(): void {
    this.#words.length = 0
    this.#length = 0
    this.#lost = this.#last
    this.#streams = undefined
  }

  /** As if something had been said that is not known any more. */
  miss(): true {
    this.#last += 1
    this.forget()
    return true
  }

  #advance({ stream, at }: Order): boolean {
    this.#streams ??= new Map()
    const before = this.#streams.get(stream)
    if (before !== undefined && before > at) return false
    this.#streams.delete(stream)
    this.#streams.set(stream, at)
    const [oldest] = this.#streams.keys()
    if (this.#streams.size > maxStreams && oldest !== undefined) this.#streams.delete(oldest)
    return true
  }

  #word(event: LiveEvent, n: number): string {
    return JSON.stringify({ id: `${this.#token}.${n}`, ...event })
  }

  #lose(): void {
    this.#length -= this.#words.shift()?.length ?? 0
    this.#lost += 1
  }
}
