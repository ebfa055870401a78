import { cleanLine } from '@heliograph/contract/clean-text'
import type { BodyOf } from '@heliograph/contract/endpoint'
import type { postsEndpoints } from '@heliograph/contract/posts'
import type { PreparedCaptions } from '#modules/media'
import { jsonb, type Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { changeHashtags } from '../hashtags/hashtags-index.ts'
import type { PostsDeps, ScreenedText } from '../posts-deps.ts'
import type { StoredEntity } from '../posts-tables.ts'
import { captionTags, type PostsText, tagsOf } from '../posts-text.ts'
import { changeAudience } from './posts-audience.ts'
import { holdPost, textsOf } from './posts-hold.ts'
import { leaveOut } from './posts-leave-out.ts'
import { type LockedPost, lockPost, mediaIdsOf } from './posts-locks.ts'
import { tagPosition } from './posts-publish.ts'
import { readingBetween, requireRead } from './posts-unread.ts'

export type PostPatchBody = BodyOf<(typeof postsEndpoints)['PATCH /api/posts/:id']>

type Deps = Pick<
  PostsDeps,
  'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'media' | 'outboxes' | 'screening'
> & { text: PostsText }

export type EditPost = (writer: { id: Id }, postId: Id, patch: PostPatchBody) => Promise<void>

export function createPostEditing(deps: Deps): EditPost {
  const { database, events, clock, media, text } = deps
  return async (writer, postId, patch) => {
    const entities = patch.caption === undefined ? [] : await text.entitiesOf(writer, patch.caption)
    captionTags(entities)
    const captions = await media.prepareCaptions(writer.id, (patch.media ?? []).flatMap(captionsWish))
    await readingBetween(deps, () =>
      database.transaction(
        async (tx) => {
          await deps.accounts.lockAccounts(tx, [writer.id])
          const found = await lockPost(tx, postId)
          if (found?.author_id !== writer.id) throw fault('post.not_found')
          if (found.status === 'removed') throw fault('post.removed')
          const {
            post,
            isChanged: isForOthers,
            narrowed,
          } = await changeAudience(deps, tx, found, patch.audience)
          const before = await textsOf(deps, tx, post)
          const changes = [
            patch.caption !== undefined && (await changeCaption(deps, tx, post, patch.caption, entities)),
            patch.place !== undefined && (await changePlace(tx, post, patch.place)),
            patch.media !== undefined &&
              (await changeMedia(deps, tx, post, { items: patch.media, captions })),
          ]
          const isEdited = changes.includes(true)
          const choices = [
            await changeMetadata(tx, post, patch.showMetadata),
            await changeCommentsOff(tx, post, patch.commentsOff),
          ]
          if (!isEdited && !isForOthers && !choices.includes(true)) return
          // What nobody has seen yet is not an edited post.
          if (isEdited && post.status !== 'failed')
            await update(tx, post, { edited_at: new Date(clock.now()) })
          await holdForWords(deps, tx, postId, before)
          await events.emit(tx, 'posts.updated', {
            bucket: post.bucket,
            subjectId: postId,
            data: { postId, authorId: writer.id, ...(narrowed && { narrowed }) },
          })
        },
        { by: writer.id },
      ),
    )
  }
}

type Columns = Partial<
  Pick<
    LockedPost,
    'caption' | 'place_name' | 'place_lat' | 'place_lng' | 'show_metadata' | 'comments_off' | 'edited_at'
  >
>
/** Words that were not there before are looked at like those of a new post; they are in the post already. */
async function holdForWords(deps: Deps, tx: Tx, postId: Id, before: readonly ScreenedText[]): Promise<void> {
  const post = await lockPost(tx, postId)
  if (post?.status !== 'ready' && post?.status !== 'review') return
  const known = new Set(before.map(({ text }) => text))
  const texts = (await textsOf(deps, tx, post)).filter(({ text }) => !known.has(text))
  requireRead(deps, texts)
  if (!deps.screening.isAbove(texts)) return
  await deps.screening.holdPost(tx, { postId, authorId: post.author_id, texts, media: new Map() })
  if (post.status === 'ready') await holdPost(deps, tx, post)
}

async function update(tx: Tx, post: LockedPost, columns: Columns): Promise<void> {
  await tx
    .updateTable('posts')
    .set(columns)
    .where('bucket', '=', post.bucket)
    .where('id', '=', post.id)
    .execute()
}

/** The caption before is kept for moderators. */
async function changeCaption(
  { ids, clock }: Deps,
  tx: Tx,
  post: LockedPost,
  caption: string,
  entities: StoredEntity[],
): Promise<boolean> {
  if (caption === post.caption) return false
  await tx
    .insertInto('post_revisions')
    .values({
      bucket: post.bucket,
      post_id: post.id,
      id: ids.next(post.bucket),
      caption: post.caption,
      replaced_at: new Date(clock.now()),
    })
    .execute()
  await tx
    .updateTable('posts')
    .set({ caption, entities: jsonb(entities) as never })
    .where('bucket', '=', post.bucket)
    .where('id', '=', post.id)
    .execute()
  if (post.status === 'ready') await moveHashtags(tx, post, tagsOf(entities))
  return true
}

async function moveHashtags(tx: Tx, post: LockedPost, tags: string[]): Promise<void> {
  const before = tagsOf(post.entities)
  const place = {
    postId: post.id,
    authorId: post.author_id,
    audience: post.audience,
    position: tagPosition(post),
  }
  await changeHashtags(tx, place, {
    add: tags.filter((tag) => !before.includes(tag)),
    remove: before.filter((tag) => !tags.includes(tag)),
  })
}

async function changePlace(
  tx: Tx,
  post: LockedPost,
  place: NonNullable<PostPatchBody['place']> | null,
): Promise<boolean> {
  const columns = {
    place_name: place ? cleanLine(place.name) : null,
    place_lat: place?.lat ?? null,
    place_lng: place?.lng ?? null,
  }
  const isSame =
    columns.place_name === post.place_name &&
    columns.place_lat === post.place_lat &&
    columns.place_lng === post.place_lng
  if (isSame) return false
  await update(tx, post, columns)
  return true
}

/** What was shared is the same: the post does not become an edited one by it. */
async function changeMetadata(tx: Tx, post: LockedPost, wanted: boolean | undefined): Promise<boolean> {
  if (wanted === undefined || wanted === post.show_metadata) return false
  await update(tx, post, { show_metadata: wanted })
  return true
}

async function changeCommentsOff(tx: Tx, post: LockedPost, wanted: boolean | undefined): Promise<boolean> {
  if (wanted === undefined || wanted === post.comments_off) return false
  await update(tx, post, { comments_off: wanted })
  return true
}

function captionsWish({ id, captionsUploadId }: NonNullable<PostPatchBody['media']>[number]) {
  return captionsUploadId ? [{ of: { mediaId: id }, captionsUploadId }] : []
}

/** Names every medium once, in the new order; what is left out of an item stays. */
async function changeMedia(
  deps: Deps,
  tx: Tx,
  post: LockedPost,
  { items, captions }: { items: NonNullable<PostPatchBody['media']>; captions: PreparedCaptions },
): Promise<boolean> {
  const { media } = deps
  const current = await mediaIdsOf(tx, post.id)
  const named = new Set(items.map((item) => item.id))
  const isEachOnce = items.length === named.size && items.every(({ id }) => current.includes(id))
  if (!isEachOnce) throw fault('post.media_mismatch')
  const rows = await media.lockByIds(tx, current)
  const missing = current.filter((id) => !named.has(id))
  if (missing.length > 0) await leaveOut(deps, tx, post, { rows, missing })
  for (const [position, { id, altText, captionsUploadId, ...choices }] of items.entries()) {
    await tx
      .updateTable('post_media')
      .set(altText === undefined ? { position } : { position, alt_text: altText })
      .where('bucket', '=', post.bucket)
      .where('post_id', '=', post.id)
      .where('id', '=', id)
      .execute()
    if (captionsUploadId !== undefined) await media.changeCaptions(tx, id, captionsUploadId, captions)
    if (Object.values(choices).some((choice) => choice !== undefined)) await media.rerender(tx, id, choices)
  }
  return true
}
