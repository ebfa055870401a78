import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps } from '../stories-deps.ts'
import { findSeen } from './views-repository.ts'

/** Which Stories somebody has seen, of those that are out. */
export interface SeenStories {
  of(viewerId: Id): Promise<ReadonlySet<Id>>
  /** Never waits; undefined: not in memory. */
  peek(viewerId: Id): ReadonlySet<Id> | undefined
  /** Committed here: whoever asks next knows. */
  note(viewerId: Id, storyId: Id): void
}

interface Kept {
  readonly ids: Set<Id>
}

/** In ids: of 10,000 people who saw a hundred each. */
const keptIds = 1_000_000
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
    max: keptIds,
    weigh: ({ ids }) => ids.size + emptyWeight,
    load: async (viewerIds) => {
      const rows = await findSeen(database.main, viewerIds, new Date(clock.now()))
      return new Map(viewerIds.map((id) => [id, { ids: new Set(rows.get(id)) }]))
    },
  })

  /** What was seen stays so: what is kept grows, and is not read again for each. A read under way may have missed it. */
  const note = (viewerId: Id, storyId: Id) => {
    const seen = kept.peek(viewerId)
    if (seen) seen.ids.add(storyId)
    else kept.drop(viewerId)
  }

  events.on('stories.seen', ({ data: { storyId, viewerIds } }) => {
    for (const viewerId of viewerIds) note(viewerId, storyId)
  })

  return {
    of: async (viewerId) => (await kept.get(viewerId))?.ids ?? new Set(),
    peek: (viewerId) => kept.peek(viewerId)?.ids,
    note,
  }
}
