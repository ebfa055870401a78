import type { GraphApi, ViewerRelations } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import type { MergedPosts } from './index/merged-posts.ts'
import type { OutboxIndex } from './index/outbox-index.ts'

/** The authors of a feed: whoever is muted is left out. */
export interface FeedAuthors {
  readonly ids: readonly Id[]
  /** Tells a viewer's feeds apart. */
  readonly key: string
  has(authorId: Id): boolean
  /** Key of the oldest of their newest posts when those were last put in order; 0: not known. */
  reach: number
  /** What was merged of their posts last. */
  merged: MergedPosts | null
  /** Their numbers in the index; null when they are more than it can know at once. */
  numbersIn(index: OutboxIndex): Int32Array | null
}

export interface FeedViewer {
  readonly id: Id
  /** Oneself, and whom one follows. */
  readonly following: FeedAuthors
  /** Whom one marked among those. */
  readonly favouriteAuthors: FeedAuthors
  readonly favourites: ReadonlySet<Id>
}

export type ViewerOf = (viewerId: Id) => Soon<FeedViewer>

/** Relations are another object after every change: what is made of them lives as long as they do. */
export function createFeedViewers(graph: Pick<GraphApi, 'relationsOf' | 'peekRelations'>): ViewerOf {
  const made = new WeakMap<ViewerRelations, FeedViewer>()

  const viewerBy = (viewerId: Id, relations: ViewerRelations): FeedViewer => {
    const known = made.get(relations)
    if (known) return known
    const { following, favourites, mutedPosts } = relations
    const heard = (ids: ReadonlySet<Id>) => [...ids].filter((id) => !mutedPosts.has(id))
    const viewer: FeedViewer = {
      id: viewerId,
      following: createFeedAuthors(`following:${viewerId}`, [viewerId, ...heard(following)]),
      favouriteAuthors: createFeedAuthors(`favourites:${viewerId}`, heard(favourites)),
      favourites,
    }
    made.set(relations, viewer)
    return viewer
  }

  return (viewerId) =>
    whenThere(graph.peekRelations(viewerId) ?? graph.relationsOf(viewerId), (relations) =>
      viewerBy(viewerId, relations),
    )
}

function createFeedAuthors(key: string, ids: readonly Id[]): FeedAuthors {
  let set: Set<Id> | undefined
  let numbers: Int32Array | null = null
  let generation: object | undefined

  return {
    key,
    ids,
    reach: 0,
    merged: null,
    has(authorId) {
      set ??= new Set(ids)
      return set.has(authorId)
    },
    numbersIn(index) {
      if (numbers !== null && generation === index.generation) return numbers
      numbers = null
      // When the index has to begin anew while they are being numbered, the first of them have no number any more.
      for (let tries = 0; tries < 2 && numbers === null; tries++) {
        generation = index.generation
        const drawn = Int32Array.from(ids, (id) => index.numberOf(id))
        if (index.generation === generation) numbers = drawn
      }
      return numbers
    },
  }
}
