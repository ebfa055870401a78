import type { Card } from '#modules/posts'
import {
  createCandidateColumns,
  isFavourite,
  isOwn,
  nowhere,
  type PeekedFeatures,
  type PostFeaturesStore,
  qualityWithoutLikes,
  type RankedPost,
  type ReasonPost,
} from '#modules/ranking'
import { type IdHalves, sinceEpochOf } from '#platform/ids/id-halves.ts'
import { EPOCH, type Id, timeOf } from '#platform/ids/ids.ts'
import { authorHalvesOf, type FeedRow, postHalvesOf } from '../feed-row.ts'
import type { FeedViewer } from '../feed-viewers.ts'

/** A row that is shown, and the card that shows it. */
export interface ShownRow {
  row: FeedRow
  card: Pick<Card, 'authorName' | 'likesHidden'>
}

/** The posts of a page one after the other, as reasons ask for them: one object for all, since each is gone through once. */
export class ShownPost implements ReasonPost {
  authorName = ''
  flags = 0
  kind = 0
  #likesHidden = false
  #row: FeedRow | null = null
  /** Looked for once; null: not yet. */
  #place: number | null = null
  readonly #viewer: FeedViewer
  /** Asked for once: explaining a page never waits. */
  readonly #peeked: PeekedFeatures | undefined
  readonly #loaded: ReadonlyMap<Id, RankedPost>

  /** `loaded`: what had to be loaded for this page; of all others it is in memory, or not told. */
  constructor(viewer: FeedViewer, features: PostFeaturesStore, loaded: ReadonlyMap<Id, RankedPost>) {
    this.#viewer = viewer
    this.#peeked = features.peekFeatures()
    this.#loaded = loaded
  }

  turnTo({ row, card }: ShownRow, kind: number): void {
    const { id, favourites } = this.#viewer
    this.#row = row
    this.#place = null
    this.authorName = card.authorName
    this.#likesHidden = card.likesHidden
    this.kind = kind
    const own = row.author_id === id ? isOwn : 0
    this.flags = favourites.size > 0 && favourites.has(row.author_id) ? own | isFavourite : own
  }

  get author(): IdHalves {
    return authorHalvesOf(this.#row!)
  }

  get publishedAt(): number {
    const { feed_id, feedHalves } = this.#row!
    return feedHalves ? EPOCH + sinceEpochOf(feedHalves.hi, feedHalves.lo) : timeOf(feed_id)
  }

  features(): Uint16Array {
    const place = this.#placeOf(this.#row!)
    if (place === nowhere) return this.#loaded.get(this.#row!.post_id)?.features ?? noFeatures
    this.#peeked!.copy(place, one, 0)
    return one.features
  }

  hashtags(): readonly string[] {
    const place = this.#placeOf(this.#row!)
    if (place === nowhere) return this.#loaded.get(this.#row!.post_id)?.hashtags ?? []
    return this.#peeked!.hashtagsAt(place)
  }

  likes(): number {
    if (this.#likesHidden) return 0
    const place = this.#placeOf(this.#row!)
    if (place === nowhere) return this.#loaded.get(this.#row!.post_id)?.attention.likes ?? 0
    return this.#peeked!.likesAt(place)
  }

  qualityWithoutLikes(): number {
    const place = this.#placeOf(this.#row!)
    if (place === nowhere) return qualityWithoutLikes(this.#loaded.get(this.#row!.post_id)?.attention)
    return qualityWithoutLikes(this.#peeked!.attentionAt(place))
  }

  #placeOf(row: FeedRow): number {
    if (this.#place !== null) return this.#place
    if (!this.#peeked) return nowhere
    const { hi, lo } = postHalvesOf(row)
    onePost.postHi[0] = hi
    onePost.postLo[0] = lo
    onePlace[0] = row.featurePlace ?? nowhere
    this.#peeked.find(onePost, onePlace)
    row.featurePlace = onePlace[0]
    this.#place = onePlace[0]!
    return this.#place
  }
}

const noFeatures = new Uint16Array(0)
const one = createCandidateColumns(1)
const onePost = { count: 1, postHi: new Uint32Array(1), postLo: new Uint32Array(1) }
const onePlace = new Int32Array(1)
