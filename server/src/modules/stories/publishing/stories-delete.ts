import type { Tx } from '#platform/db/db.ts'
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
  const { database, gate } = deps
  return async (writer, storyId) => {
    await gate.requireOwn(writer, storyId)
    await database.transaction((tx) => endStory(deps, tx, writer.id, storyId), { by: writer.id })
  }
}

/** For whoever made sure whose it is. */
export async function endStory(
  { events, clock, accounts, media, screening }: Omit<Deps, 'database' | 'gate'>,
  tx: Tx,
  ownerId: Id,
  storyId: Id,
): Promise<void> {
  await accounts.lockAccounts(tx, [ownerId])
  const story = await lockStory(tx, storyId)
  if (!story) throw fault('story.not_found')
  await updateStory(tx, story, { deleted_at: new Date(clock.now()), ended_at: null })
  await forgetInHighlights(tx, storyId)
  await media.release(tx, [story.media_id])
  await screening.withdrawStory(tx, storyId)
  const { bucket, author_id: authorId } = story
  await events.emit(tx, 'stories.deleted', { bucket, subjectId: storyId, data: { storyId, authorId } })
}
