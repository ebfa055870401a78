import type { GraphApi } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import type { OutboxIndex } from './index/outbox-index.ts'

/** Whose posts: of oneself and everybody one follows, or of those marked as favourites. */
export type FeedSource = 'following' | 'favourites'

/** The authors of one viewer's feed: whoever is muted is left out. */
export interface FeedAuthors {
  readonly source: FeedSource
  readonly ids: readonly Id[]
  has(authorId: Id): boolean
  /** Their numbers in the index; null when they are more than it can know at once. */
  numbersIn(outboxes: OutboxIndex): Int32Array | null
}

export interface FeedViewers {
  authorsOf(viewerId: Id, source: FeedSource): Promise<FeedAuthors>
}

export function createFeedViewers({
  graph,
}: {
  graph: Pick<GraphApi, 'followeesOf' | 'favouritesOf' | 'mutedBy'>
}): FeedViewers {
  return {
    async authorsOf(viewerId, source) {
      const [people, muted] = await Promise.all([
        source === 'favourites' ? graph.favouritesOf(viewerId) : graph.followeesOf(viewerId),
        graph.mutedBy(viewerId),
      ])
      const heard = people.filter((id) => !muted.has(id))
      return createFeedAuthors(source, source === 'favourites' ? heard : [viewerId, ...heard])
    },
  }
}

function createFeedAuthors(source: FeedSource, ids: readonly Id[]): FeedAuthors {
  let set: Set<Id> | undefined
  let numbers: Int32Array | null = null
  let generation: object | undefined

  return {
    source,
    ids,
    has(authorId) {
      set ??= new Set(ids)
      return set.has(authorId)
    },
    numbersIn(outboxes) {
      if (numbers !== null && generation === outboxes.generation) return numbers
      numbers = null
      // When the index has to begin anew while they are being numbered, the first of them have no number any more.
      for (let tries = 0; tries < 2 && numbers === null; tries++) {
        generation = outboxes.generation
        const drawn = Int32Array.from(ids, (id) => outboxes.numberOf(id))
        if (outboxes.generation === generation) numbers = drawn
      }
      return numbers
    },
  }
}
