import { hashOfHalves } from '#platform/ids/id-halves.ts'
import type { IdColumns } from '../candidate-columns.ts'
import {
  type CandidateColumns,
  featuresPerPost,
  type PostFeatures,
  setFeatures,
} from '../candidate-columns.ts'
import { type PostAttention, qualityOf } from './quality.ts'

/** What is known of a post beside what `rank` compares. */
export interface TabledPost extends PostFeatures {
  readonly hashtags: readonly string[]
  /** What its quality is made of. */
  readonly attention: Readonly<PostAttention>
}

/**
 * Features of posts, found by the halves of their ids: a feed looks five hundred of them up. Each post is one record of 64
 * bytes, a line of the processor's cache, for they lie anywhere in memory: objects in a Map cost more than ranking them, and
 * take six times the room.
 */
export interface FeatureTable {
  /**
   * Of each its place; `nowhere` when it is not here, or was put here before the second `notBefore`. What `into` holds is
   * taken for where it was before: there it is looked for first.
   */
  find(ids: IdColumns, notBefore: number, into: Int32Array): void
  /** One that is not here yet, in a second of a clock that never goes back. Gives its place. */
  put(hi: number, lo: number, post: TabledPost, second: number): number
  /** So many more of these: its quality is another one. */
  count(place: number, what: 'likes' | 'comments' | 'shares', by: number): void
  /** Its place is somebody else's from now on. */
  remove(place: number): void
  copy(place: number, columns: CandidateColumns, row: number): void
  /** The same of all rows: of each the place of the candidate that it is. Their features are not copied but pointed at. */
  pointAt(places: Int32Array, candidateOf: Uint16Array, columns: CandidateColumns): void
  read(place: number): TabledPost
  hashtagsAt(place: number): readonly string[]
  likesAt(place: number): number
  attentionAt(place: number): PostAttention
}

export const nowhere = -1

const firstLength = 1024
const recordBytes = 64
/** Words of a record; `next` is the next place of the same chain, or the next free one. */
const words = recordBytes / 4
const word = { hi: 0, lo: 1, second: 2, next: 3, kind: 4, seconds: 5, quality: 6 } as const
/** Half words: the features take the end of a record. */
const halves = recordBytes / 2
const featuresAt = halves - featuresPerPost

/** Beside the records, for who counts: reading feeds do not need them. */
const figuresOfAttention = [
  'likes',
  'comments',
  'shares',
  'impressions',
  'dwellMs',
  'dwells',
  'moderation',
] as const satisfies readonly (keyof PostAttention)[]
const attentionWords = figuresOfAttention.length
const likesIn = figuresOfAttention.indexOf('likes')

function createRecords(length: number) {
  const bytes = new ArrayBuffer(length * recordBytes)
  return {
    ids: new Uint32Array(bytes),
    links: new Int32Array(bytes),
    figures: new Float32Array(bytes),
    features: new Uint16Array(bytes),
    attentions: new Float32Array(length * attentionWords),
  }
}

/** Places are chained by the hash of their id. */
export function createFeatureTable(): FeatureTable {
  let length = firstLength
  let { ids, links, figures, features, attentions } = createRecords(length)
  let heads = new Int32Array(length).fill(nowhere)
  const hashtags: (readonly string[])[] = []
  /** Places below were given out at least once. */
  let reached = 0
  let free = nowhere

  const chainOf = (hi: number, lo: number) => hashOfHalves(hi, lo) & (length - 1)
  const ownChain = (place: number) => chainOf(ids[place * words + word.hi]!, ids[place * words + word.lo]!)

  function enchain(place: number): void {
    const chain = ownChain(place)
    links[place * words + word.next] = heads[chain]!
    heads[chain] = place
  }

  /** Only when every place is taken. */
  function double(): void {
    const [oldIds, oldAttentions] = [ids, attentions]
    length *= 2
    ;({ ids, links, figures, features, attentions } = createRecords(length))
    ids.set(oldIds)
    attentions.set(oldAttentions)
    heads = new Int32Array(length).fill(nowhere)
    for (let place = 0; place < reached; place++) enchain(place)
  }

  function take(): number {
    if (free === nowhere) {
      if (reached === length) double()
      return reached++
    }
    const place = free
    free = links[place * words + word.next]!
    return place
  }

  function placeOf(hi: number, lo: number, notBefore: number): number {
    let place = heads[chainOf(hi, lo)]!
    while (place !== nowhere) {
      const at = place * words
      if (ids[at + word.lo] === lo && ids[at + word.hi] === hi)
        return ids[at + word.second]! < notBefore ? nowhere : place
      place = links[at + word.next]!
    }
    return nowhere
  }

  function setAttention(place: number, attention: Readonly<PostAttention>): void {
    for (const [nth, figure] of figuresOfAttention.entries())
      attentions[place * attentionWords + nth] = attention[figure]
  }

  function attentionAt(place: number): PostAttention {
    const at = (nth: number) => attentions[place * attentionWords + nth]!
    return {
      likes: at(0),
      comments: at(1),
      shares: at(2),
      impressions: at(3),
      dwellMs: at(4),
      dwells: at(5),
      moderation: at(6),
    }
  }

  return {
    find({ count, postHi, postLo }, notBefore, into) {
      const known = ids
      for (let row = 0; row < count; row++) {
        const hi = postHi[row]!
        const lo = postLo[row]!
        const at = into[row]! * words
        const isThere = at >= 0 && known[at + word.lo] === lo && known[at + word.hi] === hi
        if (!isThere || known[at + word.second]! < notBefore) into[row] = placeOf(hi, lo, notBefore)
      }
    },
    put(hi, lo, post, second) {
      const place = take()
      const at = place * words
      ids[at + word.hi] = hi
      ids[at + word.lo] = lo
      ids[at + word.second] = second
      ids[at + word.kind] = post.kind
      figures[at + word.seconds] = post.seconds
      figures[at + word.quality] = post.quality
      features.set(post.features, place * halves + featuresAt)
      hashtags[place] = post.hashtags
      setAttention(place, post.attention)
      enchain(place)
      return place
    },
    count(place, what, by) {
      const attention = attentionAt(place)
      attention[what] = Math.max(0, attention[what] + by)
      setAttention(place, attention)
      figures[place * words + word.quality] = qualityOf(attention)
    },
    remove(place) {
      const chain = ownChain(place)
      const next = links[place * words + word.next]!
      if (heads[chain] === place) heads[chain] = next
      else {
        let before = heads[chain]!
        while (links[before * words + word.next] !== place) before = links[before * words + word.next]!
        links[before * words + word.next] = next
      }
      ids[place * words + word.hi] = 0
      ids[place * words + word.lo] = 0
      links[place * words + word.next] = free
      free = place
      hashtags[place] = none
    },
    read(place) {
      const from = place * halves + featuresAt
      return {
        kind: ids[place * words + word.kind]!,
        seconds: figures[place * words + word.seconds]!,
        quality: figures[place * words + word.quality]!,
        features: features.slice(from, from + featuresPerPost),
        hashtags: hashtags[place]!,
        attention: attentionAt(place),
      }
    },
    copy(place, columns, row) {
      const at = place * words
      columns.kind[row] = ids[at + word.kind]!
      columns.seconds[row] = figures[at + word.seconds]!
      columns.quality[row] = figures[at + word.quality]!
      setFeatures(columns, row, features, place * halves + featuresAt)
    },
    pointAt(places, candidateOf, columns) {
      // Asked for once, and not for each row.
      const [theirKinds, theirFigures] = [ids, figures]
      const { count, kind, seconds, quality, featuresAt: into } = columns
      columns.features = features
      for (let row = 0; row < count; row++) {
        const place = places[candidateOf[row]!]!
        const at = place * words
        kind[row] = theirKinds[at + word.kind]!
        seconds[row] = theirFigures[at + word.seconds]!
        quality[row] = theirFigures[at + word.quality]!
        into[row] = place * halves + featuresAt
      }
    },
    hashtagsAt: (place) => hashtags[place]!,
    likesAt: (place) => attentions[place * attentionWords + likesIn]!,
    attentionAt,
  }
}

const none: readonly string[] = []
