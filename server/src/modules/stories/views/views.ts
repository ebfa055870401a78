import type { StoryViewer } from '@heliograph/contract/stories'
import { canSee } from '#modules/graph'
import { fillPage } from '#platform/db/fill-page.ts'
import { createGroupCommit } from '#platform/db/group-commit.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id, slotOf } from '#platform/ids/ids.ts'
import type { StoriesGate } from '../presenting/stories-gate.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import { hasViewers } from '../stories-policy.ts'
import type { SeenStories } from './seen-stories.ts'
import { createViewsCommit, type ViewResult, type ViewWrite } from './views-commit.ts'
import { addToCounts, listViews, readCounts, saveReaction } from './views-repository.ts'

export interface Views {
  /** Once per person, however often it is said; throws `story.not_found` for what is not out for them. */
  see(viewer: Viewer, storyId: Id): Promise<void>
  /** Who reacts has seen it. */
  react(viewer: Viewer, storyId: Id, emoji: string): Promise<void>
  takeBack(viewer: Viewer, storyId: Id): Promise<void>
  /** For its author, last first. */
  list(
    owner: Viewer,
    storyId: Id,
    request: { position: readonly string[] | null; limit: number },
  ): Promise<{ items: StoryViewer[]; nextPosition: readonly string[] | null; viewCount: number }>
}

type Deps = Pick<StoriesDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'graph'> & {
  gate: StoriesGate
  seen: SeenStories
}

export function createViews(deps: Deps): Views {
  const { database, ids, events, clock, accounts, graph, gate, seen } = deps
  const group = createGroupCommit<ViewWrite, ViewResult>({
    groupOf: ({ storyId }) => bucketOf(storyId),
    partOf: ({ storyId }) => storyId,
    keyOf: ({ storyId, viewerId }) => `${storyId} ${viewerId}`,
    commit: createViewsCommit(deps),
    batchMax: 512,
    // Everybody who follows somebody may look in the same moment.
    waitingMax: 20_000,
  })

  const view = (viewer: Viewer, storyId: Id) =>
    group.submit({
      storyId,
      viewerId: viewer.id,
      id: ids.next(bucketOf(storyId)),
      at: new Date(clock.now()),
    })

  async function changeReaction(viewer: Viewer, storyId: Id, authorId: Id, emoji: string | null) {
    const bucket = bucketOf(storyId)
    return await database.transaction(
      async (tx) => {
        const now = new Date(clock.now())
        const changed = await saveReaction(tx, { storyId, viewerId: viewer.id }, emoji, now)
        if (!changed) return false
        const by = Number(emoji !== null) - Number(changed.before !== null)
        const slot = slotOf(ids.next(bucket))
        if (by !== 0)
          await addToCounts(tx, { bucket, slot, storyIds: [storyId], views: [0], reactions: [by] })
        const data = { storyId, authorId, userId: viewer.id, emoji }
        await events.emit(tx, 'stories.reacted', { bucket, subjectId: storyId, data })
        return true
      },
      { by: viewer.id },
    )
  }

  return {
    async see(viewer, storyId) {
      if (seen.peek(viewer.id)?.has(storyId)) await gate.requireOut(viewer, storyId)
      else await view(viewer, storyId)
    },

    async react(viewer, storyId, emoji) {
      const { authorId } = await view(viewer, storyId)
      if (authorId === viewer.id) throw fault('story.own')
      await changeReaction(viewer, storyId, authorId, emoji)
    },

    async takeBack(viewer, storyId) {
      const story = await gate.requireOut(viewer, storyId)
      await changeReaction(viewer, storyId, story.author_id, null)
    },

    async list(owner, storyId, request) {
      const story = await gate.requireOwn(owner, storyId)
      const viewCount = (await readCounts(database.main, [story])).get(storyId)?.views ?? 0
      if (!hasViewers(story, clock.now())) return { items: [], nextPosition: null, viewCount }
      const page = await fillPage(
        {
          read: (position, limit) =>
            listViews(database.main, storyId, { before: position?.[0] ?? null, limit }),
          positionOf: (row) => [row.id],
        },
        async (rows) => {
          const sight = await graph.loadSight(
            owner,
            rows.map((row) => row.viewer_id),
          )
          return rows.filter((row) => canSee(sight, { kind: 'profile', authorId: row.viewer_id }))
        },
        request,
      )
      const viewerIds = page.rows.map((row) => row.viewer_id)
      const [people, relationships] = await Promise.all([
        accounts.findByIds(viewerIds),
        graph.relationships(owner.id, viewerIds),
      ])
      const items = page.rows.flatMap((row) => {
        const account = people.get(row.viewer_id)
        if (!account) return []
        const person = accounts.presentListItem(account, relationships.get(row.viewer_id) ?? null)
        return [{ ...person, seenAt: row.seen_at.toISOString(), reaction: row.reaction }]
      })
      return { items, nextPosition: page.nextPosition, viewCount }
    },
  }
}
