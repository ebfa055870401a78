import { cleanLine } from '@heliograph/contract/clean-text'
import type { BodyOf } from '@heliograph/contract/endpoint'
import { limits } from '@heliograph/contract/limits'
import type { postsEndpoints } from '@heliograph/contract/posts'
import { jsonb } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { captionTags, type PostsText } from '../posts-text.ts'
import type { PostsSettling } from './posts-settle.ts'

export type NewPostBody = BodyOf<(typeof postsEndpoints)['POST /api/posts']>

type Deps = Pick<PostsDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'media' | 'log'> & {
  text: PostsText
  settling: PostsSettling
}

/** Clocks of phones differ from ours by a little. */
const aheadAllowedMs = 60_000
const firstPhotograph = Date.UTC(1826, 0, 1)

export type CreatePost = (writer: { id: Id }, body: NewPostBody, once: Once) => Promise<Id>

/** Makes the post and its place for every medium; it is seen by others when all are ready. */
export function createPostCreation({ settling, log, ...deps }: Deps): CreatePost {
  const { database, ids, events, clock, accounts, media, text } = deps
  return async (writer, body, once) => {
    requireNumberOfMedia(body.media.length)
    const now = clock.now()
    const displayAt = readDisplayAt(body.displayAt, now)
    const caption = body.caption ?? ''
    const entities = await text.entitiesOf(writer, caption)
    captionTags(entities)
    const audience = body.audience ?? (await accounts.defaultAudienceOf(writer.id))
    const bucket = bucketOf(writer.id)
    const postId = ids.next(bucket)
    const captions = await media.prepareCaptions(writer.id, body.media.flatMap(captionsWish))
    const isDue = await database.transaction(
      async (tx) => {
        if (audience !== 'public') {
          // Whoever is taken out right now is so before this is there, or knows that there is something to end.
          await accounts.lockAccounts(tx, [writer.id])
          await accounts.noteLimited(tx, writer.id)
        }
        const claimed = await media.claimUploads(tx, {
          ownerId: writer.id,
          purpose: 'media',
          items: body.media,
          postId,
        })
        for (const [position, { captionsUploadId }] of body.media.entries())
          if (captionsUploadId)
            await media.changeCaptions(tx, claimed[position]!.id, captionsUploadId, captions)
        await tx
          .insertInto('posts')
          .values({
            bucket,
            id: postId,
            author_id: writer.id,
            caption,
            entities: jsonb(entities) as never,
            place_name: body.place ? cleanLine(body.place.name) : null,
            place_lat: body.place?.lat ?? null,
            place_lng: body.place?.lng ?? null,
            audience,
            status: 'processing',
            sensitive: false,
            show_metadata: body.showMetadata ?? false,
            comments_off: body.commentsOff ?? false,
            created_at: new Date(now),
            display_at: displayAt,
          })
          .execute()
        await tx
          .insertInto('post_media')
          .values(
            claimed.map((medium, position) => ({
              bucket,
              post_id: postId,
              id: medium.id,
              position,
              alt_text: body.media[position]?.altText ?? '',
            })),
          )
          .execute()
        await tx
          .insertInto('post_counts')
          .values({ bucket, post_id: postId, like_count: 0, comment_count: 0, share_count: 0 })
          .execute()
        await once.record(tx, postId)
        await events.emit(tx, 'posts.created', {
          bucket,
          subjectId: postId,
          data: { postId, authorId: writer.id },
        })
        // Those that are not done end after this has been committed, and then ask for the post themselves.
        return media.stateOf(claimed).status !== 'processing'
      },
      { by: writer.id },
    )
    // Media are often prepared before the caption is written: then the post is ready in this answer. What
    // goes wrong here the job of the event does.
    if (!isDue) return postId
    await settling
      .settle(postId)
      .catch((err: unknown) => log.warn({ err, postId }, 'A post waits for its job'))
    return postId
  }
}

function captionsWish({ uploadId, captionsUploadId }: NewPostBody['media'][number]) {
  return captionsUploadId === undefined ? [] : [{ of: { uploadId }, captionsUploadId }]
}

function requireNumberOfMedia(count: number): void {
  if (count < 1 || count > limits.mediaPerPost) throw fault('post.too_many_media')
}

function readDisplayAt(given: string | undefined, now: number): Date {
  if (given === undefined) return new Date(now)
  const at = Date.parse(given)
  if (at < firstPhotograph)
    throw fault('request.invalid', {
      errors: [
        { path: 'displayAt', message: 'must not be before 1826, when the first photograph was taken' },
      ],
    })
  if (at > now + aheadAllowedMs)
    throw fault('request.invalid', {
      errors: [{ path: 'displayAt', message: 'must not lie in the future' }],
    })
  return new Date(Math.min(at, now))
}
