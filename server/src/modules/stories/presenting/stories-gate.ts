import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import { canSeeStory, isExpired, isOwner } from '../stories-policy.ts'
import { findStories, type StoryRow } from '../stories-repository.ts'

export interface StoriesGate {
  /** In their order. */
  findVisible(viewer: Viewer, ids: readonly Id[]): Promise<StoryRow[]>
  /** `story.not_found`: not there, not for you and over are the same. */
  requireVisible(viewer: Viewer, id: Id): Promise<StoryRow>
  /** One that is out: its author sees it before it is ready, and can do nothing with it yet. */
  requireOut(viewer: Viewer, id: Id): Promise<StoryRow>
  requireOwn(viewer: Viewer, id: Id): Promise<StoryRow>
}

export function createStoriesGate({
  database,
  graph,
  clock,
}: Pick<StoriesDeps, 'database' | 'graph' | 'clock'>): StoriesGate {
  const gate: StoriesGate = {
    async findVisible(viewer, ids) {
      const rows = await findStories(database.main, ids)
      const found = ids.flatMap((id) => rows.get(id) ?? [])
      if (found.length === 0) return []
      const sight = await graph.loadSight(
        viewer,
        found.map((row) => row.author_id),
      )
      // Asked last: it may have ended while all this was read.
      const now = clock.now()
      return found.filter((row) => canSeeStory(sight, row, now))
    },
    async requireVisible(viewer, id) {
      const [row] = await gate.findVisible(viewer, [id])
      if (!row) throw fault('story.not_found')
      return row
    },
    async requireOut(viewer, id) {
      const row = await gate.requireVisible(viewer, id)
      if (row.status !== 'ready' || isExpired(row, clock.now())) throw fault('story.not_found')
      return row
    },
    async requireOwn(viewer, id) {
      const row = await gate.requireVisible(viewer, id)
      if (!isOwner(viewer, row)) throw fault('story.not_found')
      return row
    },
  }
  return gate
}
