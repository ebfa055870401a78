import type { GraphApi, ViewerRelations } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'

/** The authors of a feed: whoever is muted is left out. */
export interface FeedAuthors {
  readonly ids: readonly Id[]
  /** Tells a viewer's feeds apart. */
  readonly key: string
  has(authorId: Id): boolean
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

  return {
    key,
    ids,
    has(authorId) {
      set ??= new Set(ids)
      return set.has(authorId)
    },
  }
}
