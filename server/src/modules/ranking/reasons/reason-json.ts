import type { WrittenJson } from '#platform/http/raw-json.ts'
import { type PartColumns, type ScorePart, scoreParts } from '../candidate-columns.ts'
import { thousandths } from './reasons.ts'

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
  /** In thousandths, in the order of `scoreParts`: integers need no room of their own. */
  readonly #parts: readonly number[]
  readonly #text: Buffer

  /** `text`: as JSON. */
  constructor(scores: PartColumns, row: number, text: Buffer) {
    this.#parts = [
      thousandths(scores.relationship[row]!),
      thousandths(scores.interest[row]!),
      thousandths(scores.recency[row]!),
      thousandths(scores.quality[row]!),
      thousandths(scores.activity[row]!),
    ]
    this.#text = text
    this.maxBytes = template.length + text.length + 1
  }

  write(into: Buffer, from: number): number {
    const [parts, text] = [this.#parts, this.#text]
    into.set(template, from)
    for (let nth = 0; nth < places.length; nth++) putThousandths(into, from + places[nth]!, parts[nth]!)
    const at = from + template.length
    into.set(text, at)
    into[at + text.length] = closingBrace
    return at + text.length + 1
  }
}

/** Those of 0 to 1000, four each. */
const digits = Uint8Array.from({ length: 4 * 1001 }, (_, at) => {
  const count = Math.floor(at / 4)
  return zero + (Math.floor(count / 10 ** (3 - (at % 4))) % 10)
})

/** A figure in [0,1], as `0.120` or `1.000`. */
function putThousandths(into: Buffer, at: number, count: number): void {
  const from = count * 4
  into[at] = digits[from]!
  into[at + 2] = digits[from + 1]!
  into[at + 3] = digits[from + 2]!
  into[at + 4] = digits[from + 3]!
}
