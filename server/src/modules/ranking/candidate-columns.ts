import { halvesOf } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'

/** Kinds of media that people like differently. */
export const mediaKinds = ['photo', 'carousel', 'short_video', 'long_video'] as const
export type MediaKind = (typeof mediaKinds)[number]
export const longVideoSeconds = 60

/** At most so many hashtags, words and places of each post; 0 stands for none. */
export const featuresPerPost = 12

/** Bits of `authorFlags`. */
export const isOwn = 1
export const isFavourite = 2

/** Ids of posts in halves: the texts of few of them are needed. */
export interface IdColumns {
  readonly count: number
  readonly postHi: Uint32Array
  readonly postLo: Uint32Array
}

/**
 * Candidates in columns, filled anew for each feed and read by `rank`: no object per post. Rows 0 to `count` - 1 count.
 * A set of columns is made once and used again and again by whoever ranks one feed at a time.
 */
export interface CandidateColumns {
  readonly capacity: number
  count: number
  /** Row → number among the authors. */
  readonly author: Uint16Array
  /** When it entered feeds, milliseconds since 1970. */
  readonly publishedAt: Float64Array
  /** Index in `mediaKinds`. */
  readonly kind: Uint8Array
  /** How long it takes to look at all of it. */
  readonly seconds: Float32Array
  /** Row → where its features begin in `features`: `featuresPerPost` keys from `featureKey`, a 0 behind the last of fewer. */
  readonly featuresAt: Int32Array
  /** Where they lie: room for those of all rows, or wherever somebody keeps them. */
  features: Uint16Array
  /** From `qualityOf`, in [0,1]. */
  readonly quality: Float32Array
  /** How often the viewer has seen it; more than 255 is 255. */
  readonly seen: Uint8Array
  /** Distinct authors of the rows. */
  authorCount: number
  /** Their ids in halves: room for as many as there are rows, or wherever somebody keeps them. */
  authorHi: Uint32Array
  authorLo: Uint32Array
  readonly authorFlags: Uint8Array
}

export function createCandidateColumns(capacity: number): CandidateColumns {
  return {
    capacity,
    count: 0,
    author: new Uint16Array(capacity),
    publishedAt: new Float64Array(capacity),
    kind: new Uint8Array(capacity),
    seconds: new Float32Array(capacity),
    featuresAt: Int32Array.from({ length: capacity }, (_, row) => row * featuresPerPost),
    features: new Uint16Array(capacity * featuresPerPost),
    quality: new Float32Array(capacity),
    seen: new Uint8Array(capacity),
    authorCount: 0,
    authorHi: new Uint32Array(capacity),
    authorLo: new Uint32Array(capacity),
    authorFlags: new Uint8Array(capacity),
  }
}

/** The parts are in [0,1]; the score is their weighted mean, lowered for what was seen. */
export interface Scores {
  readonly score: Float32Array
  readonly relationship: Float32Array
  readonly interest: Float32Array
  readonly recency: Float32Array
  readonly quality: Float32Array
  readonly activity: Float32Array
}

/** Each part by row. */
export type PartColumns = Omit<Scores, 'score'>

export const scoreParts = ['relationship', 'interest', 'recency', 'quality', 'activity'] as const
export type ScorePart = (typeof scoreParts)[number]

export function createScores(capacity: number): Scores {
  const column = () => new Float32Array(capacity)
  return {
    score: column(),
    relationship: column(),
    interest: column(),
    recency: column(),
    quality: column(),
    activity: column(),
  }
}

/** `at`: a number among the authors. */
export function setAuthor(columns: CandidateColumns, at: number, id: Id, flags = 0): void {
  const { hi, lo } = halvesOf(id)
  columns.authorHi[at] = hi
  columns.authorLo[at] = lo
  columns.authorFlags[at] = flags
}

/** What a post has that can be compared: made once per post, copied into columns. */
export interface PostFeatures {
  readonly kind: number
  readonly seconds: number
  /** Exactly `featuresPerPost`, zeros at the end. */
  readonly features: Uint16Array
  readonly quality: number
}

export function setPost(columns: CandidateColumns, row: number, post: PostFeatures): void {
  columns.kind[row] = post.kind
  columns.seconds[row] = post.seconds
  setFeatures(columns, row, post.features, 0)
  columns.quality[row] = post.quality
}

/** Into the columns' own room. */
export function setFeatures(columns: CandidateColumns, row: number, from: Uint16Array, at: number): void {
  const start = row * featuresPerPost
  columns.featuresAt[row] = start
  // For so few `set` takes several times as long.
  for (let nth = 0; nth < featuresPerPost; nth++) columns.features[start + nth] = from[at + nth]!
}

const steps = 2 ** 30
let keys = new Float64Array(512)

/** Rows from the best score down; equals stay in the order of their rows, so fill these newest first. */
export function orderByScore({ count }: CandidateColumns, { score }: Scores): Uint16Array {
  // Score and row in one number: sorting numbers without a comparator is five times as fast.
  if (keys.length < count) keys = new Float64Array(count * 2)
  const sorted = keys.subarray(0, count)
  for (let row = 0; row < count; row++) sorted[row] = Math.round((1 - score[row]!) * steps) * 65_536 + row
  sorted.sort()
  return Uint16Array.from(sorted, (key) => key % 65_536)
}
