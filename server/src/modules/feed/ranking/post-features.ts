import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostFeatures } from './candidate-columns.ts'
import { featureKeys } from './feature-space.ts'
import { loadPostFacts, type PostFacts } from './post-facts.ts'
import { type PostAttention, qualityOf } from './quality.ts'

export interface RankedPost extends PostFeatures {
  readonly authorId: Id
  readonly hashtags: readonly string[]
}

/** Features of posts for ranking, in memory: loaded by the page, counted on by events, read again now and then. */
export interface PostFeaturesStore {
  /** Each in its place, undefined where it is not in memory. */
  peekEach(postIds: readonly Id[]): (RankedPost | undefined)[]
  /** Posts that do not exist are left out. */
  getMany(postIds: Iterable<Id>): Promise<Map<Id, RankedPost>>
  /** Of the moment, past all memory. */
  loadFacts(postIds: Iterable<Id>): Promise<Map<Id, PostFacts>>
}

interface Deps {
  database: Database
  events: Events
  coherence: Pick<Coherence, 'createKept'>
}

interface Entry extends RankedPost {
  quality: number
  readonly attention: PostAttention
}

/** Some 400 bytes each. */
const keptMax = 100_000

export function createPostFeatures({ database, events, coherence }: Deps): PostFeaturesStore {
  const kept = coherence.createKept<Id, Entry>({
    name: 'post_features',
    max: keptMax,
    async load(ids) {
      const facts = await loadPostFacts(database.main, ids)
      return new Map([...facts].map(([id, each]) => [id, toEntry(each)]))
    },
  })

  /** An event may come twice: that is put right when the entry is read again. */
  const count = (what: 'likes' | 'comments' | 'shares', by: number) => (event: { subjectId: Id }) => {
    const entry = kept.peek(event.subjectId)
    if (!entry) return
    entry.attention[what] = Math.max(0, entry.attention[what] + by)
    entry.quality = qualityOf(entry.attention)
  }
  events.on('likes.created', count('likes', 1))
  events.on('likes.deleted', count('likes', -1))
  events.on('comments.created', count('comments', 1))
  events.on('comments.deleted', (event) => count('comments', -event.data.removed)(event))
  events.on('shares.created', count('shares', 1))
  for (const kind of ['posts.published', 'posts.updated', 'posts.deleted', 'posts.removed'] as const)
    events.on(kind, ({ subjectId }) => kept.drop(subjectId))

  return {
    peekEach: kept.peekEach,
    getMany: kept.getMany,
    loadFacts: (ids) => loadPostFacts(database.main, ids),
  }
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
  }
}
