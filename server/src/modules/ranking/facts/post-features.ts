import type { Coherence } from '#platform/coherence/coherence.ts'
import { keptForMs } from '#platform/coherence/kept.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { halvesOf } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { IdColumns } from '../candidate-columns.ts'
import { featureKeys } from './feature-space.ts'
import { createFeatureTable, type FeatureTable, nowhere, type TabledPost } from './feature-table.ts'
import { loadPostFacts, type PostFacts } from './post-facts.ts'
import { qualityOf } from './quality.ts'

export type RankedPost = Pick<
  TabledPost,
  'kind' | 'seconds' | 'features' | 'quality' | 'hashtags' | 'attention'
>

/** Features of posts for ranking, in memory: loaded by the page, counted on by events, read again now and then. */
export interface PostFeaturesStore {
  /** Features that are in memory; undefined: memory is not to be trusted just now. Never waits. */
  peekFeatures(): PeekedFeatures | undefined
  /** Posts that do not exist are left out. */
  getMany(postIds: Iterable<Id>): Promise<Map<Id, RankedPost>>
  /** Of the moment, past all memory. */
  loadFacts(postIds: Iterable<Id>): Promise<Map<Id, PostFacts>>
}

export interface PeekedFeatures
  extends Pick<FeatureTable, 'copy' | 'pointAt' | 'hashtagsAt' | 'likesAt' | 'attentionAt'> {
  /** Of each its place; `nowhere` when it is not in memory. */
  find(ids: IdColumns, into: Int32Array): void
}

interface Deps {
  database: Database
  events: Events
  coherence: Pick<Coherence, 'createKept' | 'isCurrent'>
}

interface Entry {
  /** In the table; `nowhere` while it does not lie there. */
  place: number
  /** Null while it does. */
  post: TabledPost | null
}

interface Done {
  subjectId: Id
  data: { authorId: Id; userId: Id }
}

/** Some 270 bytes each, with the place in the table. */
const keptMax = 100_000

export function createPostFeatures({ database, events, coherence }: Deps): PostFeaturesStore {
  const table = createFeatureTable()
  const kept = coherence.createKept<Id, Entry>({
    name: 'post_features',
    max: keptMax,
    onGone(entry) {
      if (entry.place === nowhere) return
      // Who has just asked for it may not have read it yet.
      entry.post = table.read(entry.place)
      table.remove(entry.place)
      entry.place = nowhere
    },
    async load(ids) {
      const facts = await loadPostFacts(database.main, ids)
      return new Map([...facts].map(([id, each]) => [id, { place: nowhere, post: toPost(each) }]))
    },
  })

  /** Into the table comes what is kept, and nothing else: it goes from there when it goes from here. */
  function read(postId: Id, entry: Entry): RankedPost {
    const { post } = entry
    if (post === null) return table.read(entry.place)
    if (kept.peek(postId) === entry) {
      const { hi, lo } = halvesOf(postId)
      entry.place = table.put(hi, lo, post, secondNow())
      entry.post = null
    }
    return post
  }

  /** An event may come twice: that is put right when the entry is read again. What authors do themselves counts nothing. */
  const count = (what: 'likes' | 'comments' | 'shares', by: number) => (event: Done) => {
    const entry = kept.peek(event.subjectId)
    if (!entry || event.data.userId === event.data.authorId) return
    if (entry.post === null) table.count(entry.place, what, by)
    else entry.post = counted(entry.post, what, by)
  }
  events.on('likes.created', count('likes', 1))
  events.on('likes.deleted', count('likes', -1))
  events.on('comments.created', count('comments', 1))
  events.on('shares.created', count('shares', 1))
  // Whose the answers to a comment were that went with it is not told.
  for (const kind of [
    'comments.deleted',
    'posts.published',
    'posts.updated',
    'posts.deleted',
    'posts.removed',
  ] as const)
    events.on(kind, ({ subjectId }) => kept.drop(subjectId))

  return {
    peekFeatures() {
      if (!coherence.isCurrent()) return undefined
      const notBefore = secondNow() - keptForMs / 1000
      const { find, copy, pointAt, hashtagsAt, likesAt, attentionAt } = table
      return {
        find: (ids, into) => find(ids, notBefore, into),
        copy,
        pointAt,
        hashtagsAt,
        likesAt,
        attentionAt,
      }
    },
    async getMany(postIds) {
      const found = await kept.getMany(postIds)
      return new Map([...found].map(([postId, entry]) => [postId, read(postId, entry)]))
    },
    loadFacts: (ids) => loadPostFacts(database.main, ids),
  }
}

/** Of the life of this process. */
function secondNow(): number {
  return Math.floor(performance.now() / 1000)
}

function counted(post: TabledPost, what: 'likes' | 'comments' | 'shares', by: number): TabledPost {
  const attention = { ...post.attention, [what]: Math.max(0, post.attention[what] + by) }
  return { ...post, attention, quality: qualityOf(attention) }
}

function toPost({ hashtags, features, kind, seconds, attention }: PostFacts): TabledPost {
  return {
    hashtags: hashtags.length === 0 ? noHashtags : hashtags.map(sharedText),
    kind,
    seconds,
    features: featureKeys(features),
    attention,
    quality: qualityOf(attention),
  }
}

const noHashtags: readonly string[] = []

/** Most hashtags are those of many posts: one text for all of them. */
const texts = new Map<string, string>()
const textsMax = 20_000

function sharedText(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= textsMax) texts.clear()
  texts.set(text, text)
  return text
}
