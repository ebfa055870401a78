import type { BodyOf } from '@heliograph/contract/endpoint'
import { limits } from '@heliograph/contract/limits'
import type { storiesEndpoints } from '@heliograph/contract/stories'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import { storyLifeMs } from '../stories-policy.ts'
import { listOut } from '../stories-repository.ts'
import { storeOverlays } from './stories-overlays.ts'
import type { StoriesSettling } from './stories-settle.ts'

export type NewStoryBody = BodyOf<(typeof storiesEndpoints)['POST /api/stories']>

type Deps = Pick<
  StoriesDeps,
  'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'media' | 'posts' | 'log'
> & { settling: StoriesSettling }

export type CreateStory = (writer: Viewer, body: NewStoryBody, once: Once) => Promise<Id>

/** The 24 hours run from here, so that everything that shows it knows from the first moment when it ends. */
export function createStoryCreation({ settling, log, ...deps }: Deps): CreateStory {
  const { database, ids, events, clock, accounts, media } = deps
  return async (writer, body, once) => {
    const { uploadId, audience = 'followers', altText = '', fit = 'fit', color, overlays = [] } = body
    const stored = await storeOverlays(deps, writer, overlays)
    const archived = await accounts.keepsStoryArchive(writer.id)
    const bucket = bucketOf(writer.id)
    const storyId = ids.next(bucket)
    const now = clock.now()
    // Signed addresses end with a second: made with one as well, a Story and its picture end at the same moment.
    const madeAt = now - (now % 1000)
    const isDue = await database.transaction(
      async (tx) => {
        // Whoever is taken out right now is so before this is there, or knows that there is something to end.
        await accounts.lockAccounts(tx, [writer.id])
        await accounts.noteLimited(tx, writer.id)
        const out = await listOut(tx, writer.id, new Date(now))
        if (out.length >= limits.storiesAtOnce) throw fault('story.too_many')
        const claimed = await media.claimUploads(tx, {
          ownerId: writer.id,
          purpose: 'story',
          items: [{ uploadId, fit }],
          postId: null,
          partOf: storyId,
          keepMaster: archived,
        })
        await tx
          .insertInto('stories')
          .values({
            bucket,
            id: storyId,
            author_id: writer.id,
            media_id: claimed[0]!.id,
            audience,
            status: 'processing',
            fit,
            color: color ?? null,
            alt_text: altText,
            overlays: JSON.stringify(stored),
            archived,
            created_at: new Date(madeAt),
            expires_at: new Date(madeAt + storyLifeMs),
          })
          .execute()
        await once.record(tx, storyId)
        const data = { storyId, authorId: writer.id }
        await events.emit(tx, 'stories.created', { bucket, subjectId: storyId, data })
        return media.stateOf(claimed).status !== 'processing'
      },
      { by: writer.id },
    )
    // Often it is prepared while its author still writes on it. What goes wrong here the job of the event does.
    if (isDue)
      await settling
        .settle(storyId)
        .catch((err: unknown) => log.warn({ err, storyId }, 'A Story waits for its job'))
    return storyId
  }
}
