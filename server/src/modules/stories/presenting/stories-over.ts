import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import { canSeeStory, isExpired } from '../stories-policy.ts'
import { findEvenDeleted } from '../stories-repository.ts'
import { findSeenAmong } from '../views/views-repository.ts'

/**
 * Of Stories that are over, by the clock or because they were deleted, those that this viewer could see while they were there, and
 * whose they were. What was never there, and what is there for others, is not among them: neither is told from the other.
 */
export type FindOver = (viewer: Viewer, ids: readonly Id[]) => Promise<Map<Id, Id>>

export function createFindOver({
  database,
  graph,
  clock,
}: Pick<StoriesDeps, 'database' | 'graph' | 'clock'>): FindOver {
  return async (viewer, ids) => {
    const [rows, seen] = await Promise.all([
      findEvenDeleted(database.main, ids),
      findSeenAmong(database.main, viewer.id, ids),
    ])
    const sight = await graph.loadSight(
      viewer,
      rows.map((row) => row.author_id),
    )
    const now = clock.now()
    const over = new Map(seen)
    for (const row of rows) {
      const isOver = row.deleted_at !== null || isExpired(row, now)
      const asItWas = { ...row, deleted_at: null, is_highlighted: false }
      const couldSee = canSeeStory(sight, asItWas, row.created_at.getTime())
      if (isOver && couldSee) over.set(row.id, row.author_id)
      if (!isOver) over.delete(row.id)
    }
    return over
  }
}
