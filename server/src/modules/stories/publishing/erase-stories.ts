import type { EraseOf } from '#modules/accounts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { StoriesDeps } from '../stories-deps.ts'
import { endStory } from './stories-delete.ts'

type Deps = Pick<StoriesDeps, 'database' | 'events' | 'clock' | 'accounts' | 'media' | 'screening'>

const batch = 100

/**
 * Of somebody who left: their Stories, kept ones too, and with them their highlights. That they saw one of others is told to
 * nobody any more, and goes with that Story.
 */
export function createEraseStories(deps: Deps): EraseOf {
  const { database } = deps
  const list = (id: Id) =>
    database.main
      .selectFrom('stories')
      .select('id')
      .where('bucket', '=', bucketOf(id))
      .where('author_id', '=', id)
      .where('deleted_at', 'is', null)
      .limit(batch)
      .execute()

  return async (id, signal) => {
    for (let found = await list(id); found.length > 0; found = await list(id))
      for (const story of found) {
        signal.throwIfAborted()
        await database.transaction((tx) => endStory(deps, tx, id, story.id))
      }
    const at = bucketOf(id)
    await database.main.deleteFrom('highlights').where('bucket', '=', at).where('owner_id', '=', id).execute()
    await database.main
      .deleteFrom('story_seen')
      .where('bucket', '=', at)
      .where('viewer_id', '=', id)
      .execute()
  }
}
