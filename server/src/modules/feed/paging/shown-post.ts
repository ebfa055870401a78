import { EPOCH, type Id, timeOf } from '#platform/ids/ids.ts'
import { type FeedRow, halvesOf } from '../feed-row.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import { sinceEpochOf } from '../index/id-parts.ts'
import { createCandidateColumns, isFavourite, isOwn } from '../ranking/candidate-columns.ts'
import { nowhere } from '../ranking/feature-table.ts'
import type { PeekedFeatures, PostFeaturesStore, RankedPost } from '../ranking/post-features.ts'
import type { ReasonPost } from '../ranking/reasons.ts'

/** The posts of a page one after the other, as reasons ask for them: one object for all, since each is gone through once. */
export class ShownPost implements ReasonPost {
  authorId: Id = ''
  authorName = ''
  flags = 0
  kind = 0
  #row: FeedRow | null = null
  readonly #viewer: FeedViewer
  readonly #features: PostFeaturesStore
  readonly #loaded: ReadonlyMap<Id, RankedPost>

  /** `loaded`: what had to be loaded for this page; of all others it is in memory, or not told. */
  constructor(viewer: FeedViewer, features: PostFeaturesStore, loaded: ReadonlyMap<Id, RankedPost>) {
    this.#viewer = viewer
    this.#features = features
    this.#loaded = loaded
  }

  turnTo(row: FeedRow, authorName: string, kind: number): void {
    const { id, favourites } = this.#viewer
    this.#row = row
    this.authorId = row.author_id
    this.authorName = authorName
    this.kind = kind
    const own = row.author_id === id ? isOwn : 0
    this.flags = favourites.size > 0 && favourites.has(row.author_id) ? own | isFavourite : own
  }

  get publishedAt(): number {
    const { feed_id, feedHalves } = this.#row!
    return feedHalves ? EPOCH + sinceEpochOf(feedHalves.hi, feedHalves.lo) : timeOf(feed_id)
  }

  features(): Uint16Array {
    const peeked = this.#features.peekFeatures()
    const place = peeked ? placeOf(peeked, this.#row!) : nowhere
    if (place === nowhere) return this.#loaded.get(this.#row!.post_id)?.features ?? noFeatures
    peeked!.copy(place, one, 0)
    return one.features
  }

  hashtags(): readonly string[] {
    const peeked = this.#features.peekFeatures()
    const place = peeked ? placeOf(peeked, this.#row!) : nowhere
    if (place === nowhere) return this.#loaded.get(this.#row!.post_id)?.hashtags ?? []
    return peeked!.hashtagsAt(place)
  }

  likes(): number {
    const peeked = this.#features.peekFeatures()
    const place = peeked ? placeOf(peeked, this.#row!) : nowhere
    if (place === nowhere) return this.#loaded.get(this.#row!.post_id)?.attention.likes ?? 0
    return peeked!.likesAt(place)
  }
}

const noFeatures = new Uint16Array(0)
const one = createCandidateColumns(1)
const onePost = { count: 1, postHi: new Uint32Array(1), postLo: new Uint32Array(1) }
const onePlace = new Int32Array(1)

function placeOf(peeked: PeekedFeatures, row: FeedRow): number {
  const { hi, lo } = halvesOf(row)
  onePost.postHi[0] = hi
  onePost.postLo[0] = lo
  peeked.find(onePost, onePlace)
  return onePlace[0]!
}
