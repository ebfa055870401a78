import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { forgetInHighlights } from '../highlights/highlights-repository.ts'
import type { StoriesGate } from '../presenting/stories-gate.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import { lockStory, updateStory } from '../stories-repository.ts'

type Deps = Pick<StoriesDeps, 'database' | 'events' | 'clock' | 'accounts' | 'media' | 'screening'> & {
  gate: StoriesGate
}

export type DeleteStory = (writer: Viewer, storyId: Id) => Promise<void>

/** Gone for everybody when this returns, its addresses too; a job takes the rows away afterwards. */
export function createStoryDeletion(deps: Deps): DeleteStory {
  const { database, events, clock, accounts, media, screening, gate } = deps
  return async (writer, storyId) => {
    await gate.requireOwn(writer, storyId)
    await database.transaction(
      async (tx) => {
        await accounts.lockAccounts(tx, [writer.id])
        const story = await lockStory(tx, storyId)
        if (!story) throw fault('story.not_found')
        await updateStory(tx, story, { deleted_at: new Date(clock.now()), ended_at: null })
        await forgetInHighlights(tx, storyId)
        await media.release(tx, [story.media_id])
        await screening.withdrawStory(tx, storyId)
        const { bucket, author_id: authorId } = story
        await events.emit(tx, 'stories.deleted', { bucket, subjectId: storyId, data: { storyId, authorId } })
      },
      { by: writer.id },
    )
  }
}
