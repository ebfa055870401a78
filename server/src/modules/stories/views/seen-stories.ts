import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps } from '../stories-deps.ts'
import { findSeen } from './views-repository.ts'

/** Which Stories somebody has seen, of those that are out, with their authors; what was seen last is the last. */
export interface SeenStories {
  of(viewerId: Id): Promise<ReadonlyMap<Id, Id>>
  /** Never waits; undefined: not in memory. */
  peek(viewerId: Id): ReadonlyMap<Id, Id> | undefined
  /** Committed here: whoever asks next knows. */
  note(viewerId: Id, story: SeenStory): void
}

export interface SeenStory {
  readonly storyId: Id
  readonly authorId: Id
}

interface Kept {
  readonly authors: Map<Id, Id>
}

/** In Stories: of 5,000 people who saw a hundred each. */
const keptStories = 500_000
/** The set and its place among others. */
const emptyWeight = 6

export function createSeenStories({
  database,
  events,
  clock,
  coherence,
}: Pick<StoriesDeps, 'database' | 'events' | 'clock' | 'coherence'>): SeenStories {
  const kept = coherence.createKept<Id, Kept>({
    name: 'stories_seen',
    max: keptStories,
    weigh: ({ authors }) => authors.size + emptyWeight,
    load: async (viewerIds) => {
      const rows = await findSeen(database.main, viewerIds, new Date(clock.now()))
      const authorsOf = (id: Id) =>
        new Map(rows.get(id)?.map(({ story_id, author_id }) => [story_id, author_id]))
      return new Map(viewerIds.map((id) => [id, { authors: authorsOf(id) }]))
    },
  })

  /** What was seen stays so: what is kept grows, and is not read again for each. A read under way may have missed it. */
  const note = (viewerId: Id, { storyId, authorId }: SeenStory) => {
    const seen = kept.peek(viewerId)
    if (seen) seen.authors.set(storyId, authorId)
    else kept.drop(viewerId)
  }

  events.on('stories.seen', ({ data: { viewerIds, ...story } }) => {
    for (const viewerId of viewerIds) note(viewerId, story)
  })

  return {
    of: async (viewerId) => (await kept.get(viewerId))?.authors ?? new Map(),
    peek: (viewerId) => kept.peek(viewerId)?.authors,
    note,
  }
}
