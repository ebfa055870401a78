import type { WrittenJson } from '#platform/http/raw-json.ts'
import { type ScorePart, scoreParts } from './candidate-columns.ts'
import type { Reason } from './reasons.ts'

/** `"reason":{…}` as it is sent, but for its figures and its sentence. */
const template = Buffer.from(
  `"reason":{"parts":{${scoreParts.map((part) => `"${part}":0.000`).join()}},"text":`,
  'latin1',
)
const placeOf = (part: ScorePart) => template.indexOf(`"${part}":`) + part.length + 3
const places = scoreParts.map(placeOf)

const zero = 0x30
const closingBrace = 0x7d

/** A member of a post's JSON. Pieces of text that are put together first cost more than all the rest of a reason. */
export class ReasonMember implements WrittenJson {
  readonly maxBytes: number
  readonly #parts: Reason['parts']
  readonly #text: string

  constructor({ parts, text }: Reason) {
    this.#parts = parts
    this.#text = JSON.stringify(text)
    // A UTF-16 unit takes at most three bytes.
    this.maxBytes = template.length + this.#text.length * 3 + 1
  }

  write(into: Buffer, from: number): number {
    into.set(template, from)
    for (let nth = 0; nth < places.length; nth++)
      putThousandths(into, from + places[nth]!, Math.round(this.#parts[scoreParts[nth]!] * 1000))
    let at = from + template.length
    at += into.write(this.#text, at)
    into[at++] = closingBrace
    return at
  }
}

/** A figure in [0,1], as `0.120` or `1.000`. */
function putThousandths(into: Buffer, at: number, count: number): void {
  into[at] = zero + (count === 1000 ? 1 : 0)
  into[at + 2] = zero + (Math.floor(count / 100) % 10)
  into[at + 3] = zero + (Math.floor(count / 10) % 10)
  into[at + 4] = zero + (count % 10)
}
