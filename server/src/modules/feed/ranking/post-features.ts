import type { Coherence } from '#platform/coherence/coherence.ts'
import { keptForMs } from '#platform/coherence/kept.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { IdColumns } from '../candidates.ts'
import { partsOf } from '../index/id-parts.ts'
import type { PostFeatures } from './candidate-columns.ts'
import { featureKeys } from './feature-space.ts'
import { createFeatureTable, type FeatureTable, nowhere } from './feature-table.ts'
import { loadPostFacts, type PostFacts } from './post-facts.ts'
import { type PostAttention, qualityOf } from './quality.ts'

export interface RankedPost extends PostFeatures {
  readonly authorId: Id
  readonly hashtags: readonly string[]
}

/** Features of posts for ranking, in memory: loaded by the page, counted on by events, read again now and then. */
export interface PostFeaturesStore {
  /** Features that are in memory; undefined: memory is not to be trusted just now. Never waits. */
  peekFeatures(): PeekedFeatures | undefined
  /** Posts that do not exist are left out. */
  getMany(postIds: Iterable<Id>): Promise<Map<Id, RankedPost>>
  /** Of the moment, past all memory. */
  loadFacts(postIds: Iterable<Id>): Promise<Map<Id, PostFacts>>
}

export interface PeekedFeatures extends Pick<FeatureTable, 'copy' | 'hashtagsAt'> {
  /** Of each its place; `nowhere` when it is not in memory. */
  find(ids: IdColumns, into: Int32Array): void
}

interface Deps {
  database: Database
  events: Events
  coherence: Pick<Coherence, 'createKept' | 'isCurrent'>
}

interface Entry extends RankedPost {
  quality: number
  readonly attention: PostAttention
  /** In the table. */
  place: number
}

/** Some 400 bytes each. */
const keptMax = 100_000

export function createPostFeatures({ database, events, coherence }: Deps): PostFeaturesStore {
  const table = createFeatureTable()
  const kept = coherence.createKept<Id, Entry>({
    name: 'post_features',
    max: keptMax,
    onGone(entry) {
      if (entry.place !== nowhere) table.remove(entry.place)
      entry.place = nowhere
    },
    async load(ids) {
      const facts = await loadPostFacts(database.main, ids)
      return new Map([...facts].map(([id, each]) => [id, toEntry(each)]))
    },
  })

  /** Into the table comes what is kept, and nothing else: it goes from there when it goes from here. */
  function note(postId: Id, entry: Entry): void {
    if (entry.place !== nowhere || kept.peek(postId) !== entry) return
    const { hi, lo } = partsOf(postId)
    entry.place = table.put(hi, lo, entry, secondNow())
  }

  /** An event may come twice: that is put right when the entry is read again. */
  const count = (what: 'likes' | 'comments' | 'shares', by: number) => (event: { subjectId: Id }) => {
    const entry = kept.peek(event.subjectId)
    if (!entry) return
    entry.attention[what] = Math.max(0, entry.attention[what] + by)
    entry.quality = qualityOf(entry.attention)
    if (entry.place !== nowhere) table.setQuality(entry.place, entry.quality)
  }
  events.on('likes.created', count('likes', 1))
  events.on('likes.deleted', count('likes', -1))
  events.on('comments.created', count('comments', 1))
  events.on('comments.deleted', (event) => count('comments', -event.data.removed)(event))
  events.on('shares.created', count('shares', 1))
  for (const kind of ['posts.published', 'posts.updated', 'posts.deleted', 'posts.removed'] as const)
    events.on(kind, ({ subjectId }) => kept.drop(subjectId))

  return {
    peekFeatures() {
      if (!coherence.isCurrent()) return undefined
      const notBefore = secondNow() - keptForMs / 1000
      const { find, copy, hashtagsAt } = table
      return { find: (ids, into) => find(ids, notBefore, into), copy, hashtagsAt }
    },
    async getMany(postIds) {
      const found = await kept.getMany(postIds)
      for (const [postId, entry] of found) note(postId, entry)
      return found
    },
    loadFacts: (ids) => loadPostFacts(database.main, ids),
  }
}

/** Of the life of this process. */
function secondNow(): number {
  return Math.floor(performance.now() / 1000)
}

function toEntry({ authorId, hashtags, features, kind, seconds, attention }: PostFacts): Entry {
  return {
    authorId,
    hashtags,
    kind,
    seconds,
    features: featureKeys(features),
    attention: { ...attention },
    quality: qualityOf(attention),
    place: nowhere,
  }
}
