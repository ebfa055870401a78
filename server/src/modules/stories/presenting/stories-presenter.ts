import type { Story } from '@heliograph/contract/stories'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { mentionedIn } from '../publishing/stories-overlays.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import { isExpired, isKeptFor, isOwner } from '../stories-policy.ts'
import type { StoryRow } from '../stories-repository.ts'
import type { SeenStories } from '../views/seen-stories.ts'
import { findReactions, readCounts } from '../views/views-repository.ts'
import type { StoriesGate } from './stories-gate.ts'
import { presentStory } from './stories-view.ts'

/** Hydrate → present. The number of queries does not grow with the Stories. */
export interface StoriesPresenter {
  /** Of rows that the gate let through. */
  present(viewer: Viewer, rows: readonly StoryRow[]): Promise<Story[]>
  /** For moderators: also what has expired, and nobody else sees. */
  presentAny(viewer: Viewer, rows: readonly StoryRow[]): Promise<Story[]>
  presentOne(viewer: Viewer, id: Id): Promise<Story>
}

type Deps = Pick<StoriesDeps, 'database' | 'clock' | 'accounts' | 'graph' | 'media' | 'posts'> & {
  gate: StoriesGate
  seen: SeenStories
}

export function createStoriesPresenter(deps: Deps): StoriesPresenter {
  const { database, clock, accounts, graph, media, posts, gate, seen } = deps

  async function presentAny(viewer: Viewer, rows: readonly StoryRow[]): Promise<Story[]> {
    if (rows.length === 0) return []
    const now = clock.now()
    const people = [...new Set(rows.flatMap((row) => [row.author_id, ...mentionedIn(row.overlays)]))]
    const postIds = rows.flatMap((row) =>
      row.overlays.flatMap((overlay) => (overlay.kind === 'post' ? [overlay.postId] : [])),
    )
    const ids = rows.map((row) => row.id)
    const own = rows.filter((row) => isOwner(viewer, row))
    const authors = [...new Set(rows.map((row) => row.author_id))].filter((id) => id !== viewer.id)
    const wishes = rows.map((row) => ({
      id: row.media_id,
      // What is over, and kept or looked at by a moderator, is signed like everything that not everybody may see; nothing
      // else lasts longer than its Story.
      until: isExpired(row, now) ? null : row.expires_at,
    }))
    const [known, sight, shown, shared, reactions, writable, counts, looked] = await Promise.all([
      accounts.findByIds(people),
      graph.loadSight(viewer, people),
      media.presentAttached(wishes, viewer.id),
      postIds.length === 0 ? new Map() : posts.presentVisible(viewer, postIds),
      findReactions(database.main, viewer.id, ids),
      graph.allowing('messages', viewer.id, authors),
      readCounts(database.main, own),
      seen.of(viewer.id),
    ])
    const facts = {
      ...{ accounts: known, sight, media: shown, posts: shared, seen: looked, reactions },
      ...{ writable, counts },
    }
    return rows.flatMap((row) => presentStory(accounts.presentSummary, viewer, row, facts) ?? [])
  }

  /** It may have ended while all that was read. */
  async function present(viewer: Viewer, rows: readonly StoryRow[]): Promise<Story[]> {
    const shown = await presentAny(viewer, rows)
    const kept = new Set(rows.filter((row) => isKeptFor(viewer.id, row)).map((row) => row.id))
    const now = clock.now()
    return shown.filter(({ id, expiresAt }) => Date.parse(expiresAt) > now || kept.has(id))
  }

  return {
    present,
    presentAny,
    async presentOne(viewer, id) {
      const [story] = await present(viewer, [await gate.requireVisible(viewer, id)])
      if (!story) throw fault('story.not_found')
      return story
    },
  }
}
