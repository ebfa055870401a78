import { EPOCH, timeOf } from '#platform/ids/ids.ts'
import { type FeedRow, halvesOf } from '../feed-row.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import { sinceEpochOf } from '../index/id-parts.ts'
import { createCandidateColumns, isFavourite, isOwn, type PartColumns } from '../ranking/candidate-columns.ts'
import { nowhere } from '../ranking/feature-table.ts'
import type { PostFeaturesStore } from '../ranking/post-features.ts'
import type { ReasonPost } from '../ranking/reasons.ts'
import type { Taste } from '../ranking/taste.ts'
import type { Arranged, PlacedRow } from './arranged.ts'

/** By what an order was made, beside it in memory: why a post stands there needs no ranking again. Some 11 kB. */
export interface KeptScores {
  readonly scores: PartColumns
  readonly kinds: Uint8Array
  readonly isPersonal: boolean
  /** Of how many authors something was known. */
  readonly knownAuthors: number
}

export function keepScores({ desk, taste }: Arranged, rows: readonly PlacedRow[]): KeptScores {
  const { scores, columns } = desk
  const column = (from: Float32Array) => Float32Array.from(rows, ({ place }) => from[place]!)
  return {
    scores: {
      relationship: column(scores.relationship),
      interest: column(scores.interest),
      recency: column(scores.recency),
      quality: column(scores.quality),
      activity: column(scores.activity),
    },
    kinds: Uint8Array.from(rows, ({ place }) => columns.kind[place]!),
    isPersonal: taste.isPersonal,
    knownAuthors: taste.authors.size,
  }
}

/** The person has switched it off or erased it: nothing is said of what was known. */
export function isOutdated({ isPersonal, knownAuthors }: KeptScores, taste: Taste): boolean {
  return taste.isPersonal !== isPersonal || taste.authors.size < knownAuthors
}

interface KeptPlace {
  viewer: FeedViewer
  row: FeedRow
  place: number
}

export function keptPost(
  features: PostFeaturesStore,
  { kinds }: KeptScores,
  { viewer, row, place }: KeptPlace,
): ReasonPost {
  const { author_id: authorId, feed_id: feedId, feedHalves } = row
  const own = authorId === viewer.id ? isOwn : 0
  return {
    authorId,
    flags: own | (viewer.favourites.has(authorId) ? isFavourite : 0),
    kind: kinds[place]!,
    publishedAt: feedHalves ? EPOCH + sinceEpochOf(feedHalves.hi, feedHalves.lo) : timeOf(feedId),
    features: () => peekFeatures(features, row),
  }
}

/** Undefined: it is not in memory. */
export function peekHashtags(features: PostFeaturesStore, row: FeedRow): readonly string[] | undefined {
  const peeked = features.peekFeatures()
  const place = peeked ? placeOf(peeked, row) : nowhere
  return place === nowhere ? undefined : peeked!.hashtagsAt(place)
}

/** None while it is not in memory. */
function peekFeatures(features: PostFeaturesStore, row: FeedRow): Uint16Array {
  const peeked = features.peekFeatures()
  const place = peeked ? placeOf(peeked, row) : nowhere
  if (place === nowhere) return noFeatures
  peeked!.copy(place, one, 0)
  return one.features
}

const noFeatures = new Uint16Array(0)
const one = createCandidateColumns(1)
const onePost = { count: 1, postHi: new Uint32Array(1), postLo: new Uint32Array(1) }
const onePlace = new Int32Array(1)

function placeOf(peeked: NonNullable<ReturnType<PostFeaturesStore['peekFeatures']>>, row: FeedRow): number {
  const { hi, lo } = halvesOf(row)
  onePost.postHi[0] = hi
  onePost.postLo[0] = lo
  peeked.find(onePost, onePlace)
  return onePlace[0]!
}
