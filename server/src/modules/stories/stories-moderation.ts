import type { Story } from '@heliograph/contract/stories'
import type { Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { forgetInHighlights } from './highlights/highlights-repository.ts'
import type { StoriesGate } from './presenting/stories-gate.ts'
import type { StoriesPresenter } from './presenting/stories-presenter.ts'
import { publishStory } from './publishing/stories-settle.ts'
import type { StoriesDeps } from './stories-deps.ts'
import { isExpired } from './stories-policy.ts'
import { findStories, type LockedStory, lockStory, updateStory } from './stories-repository.ts'

interface Named {
  storyId: Id
  authorId: Id
}

/** What moderators may ask of Stories. Who is one is not decided here. */
export interface StoriesModeration {
  /** In any state, whoever may see them, and also when they have expired, as long as they are there. */
  presentStories(reader: { id: Id } | null, ids: readonly Id[]): Promise<Map<Id, Story>>
  /** Whose it is; throws `story.not_found` for what the reader does not see. */
  requireVisible(reader: { id: Id }, storyId: Id): Promise<{ authorId: Id }>
  /** Those of them that are no more. */
  listGone(ids: readonly Id[]): Promise<Id[]>
  /** Undefined: it is gone. One that waits comes out, for what is left of its 24 hours, if anything is. */
  approve(tx: Tx, named: Named): Promise<Record<string, unknown> | undefined>
  /** Its addresses are refused from the commit on; gives its medium, so that it does not come back. */
  remove(
    tx: Tx,
    named: Named,
    note: string,
  ): Promise<{ before: Record<string, unknown>; mediaIds: Id[] } | undefined>
}

type Deps = StoriesDeps & { gate: StoriesGate; presenter: StoriesPresenter }

export function createStoriesModeration(deps: Deps): StoriesModeration {
  const { database, clock, events, accounts, media, gate, presenter } = deps

  async function lock(tx: Tx, { storyId, authorId }: Named) {
    await accounts.lockAccounts(tx, [authorId])
    const story = await lockStory(tx, storyId)
    return story?.status === 'removed' ? undefined : story
  }

  /** Too late to be out: it was approved for its author's archive, or to be taken away. */
  const settle = (tx: Tx, story: LockedStory) =>
    updateStory(tx, story, {
      status: 'ready',
      failure_code: null,
      published_at: story.published_at ?? new Date(clock.now()),
    })

  return {
    async presentStories(reader, ids) {
      const rows = [...(await findStories(database.main, ids)).values()]
      const there = rows.filter(({ status }) => status !== 'removed')
      const shown = await presenter.presentAny({ id: reader?.id ?? '0' }, there)
      return new Map(shown.map((story) => [story.id, story]))
    },

    requireVisible: async (reader, storyId) => ({
      authorId: (await gate.requireVisible(reader, storyId)).author_id,
    }),

    async listGone(ids) {
      const rows = await findStories(database.main, ids)
      // One that is over is there for them until its case is decided.
      return ids.filter((id) => (rows.get(id)?.status ?? 'removed') === 'removed')
    },

    async approve(tx, named) {
      const story = await lock(tx, named)
      if (!story) return undefined
      await media.approve(tx, [story.media_id])
      if (story.status === 'review')
        await (isExpired(story, clock.now()) ? settle(tx, story) : publishStory(deps, tx, story))
      return { status: story.status }
    },

    async remove(tx, named, note) {
      const story = await lock(tx, named)
      if (!story) return undefined
      const { bucket, id: storyId, author_id: authorId, status } = story
      await updateStory(tx, story, {
        status: 'removed',
        failure_code: 'story.removed',
        removal_note: note,
        ended_at: null,
      })
      await forgetInHighlights(tx, storyId)
      await media.release(tx, [story.media_id])
      const data = { storyId, authorId, wasReady: status === 'ready' }
      await events.emit(tx, 'stories.removed', { bucket, subjectId: storyId, data })
      return { before: { status, altText: story.alt_text }, mediaIds: [story.media_id] }
    },
  }
}
