import type { Audience } from '@heliograph/contract/posts'
import type { Tx } from '#platform/db/db.ts'
import { changeAudienceOfTags } from '../hashtags/hashtags-index.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { tagsOf } from '../posts-text.ts'
import type { LockedPost } from './posts-locks.ts'

interface ChangedAudience {
  /** As it is now. */
  post: LockedPost
  isChanged: boolean
  narrowed?: { from: Audience; to: Audience }
}

/**
 * Of a post locked after its author. What was shared is the same: the post does not become an edited one by it. Neither of
 * followers and close friends are all among the others, so that whatever is not for everybody takes sight from somebody;
 * addresses of its pictures that were handed out end then, with all of the account's.
 */
export async function changeAudience(
  { accounts }: Pick<PostsDeps, 'accounts'>,
  tx: Tx,
  post: LockedPost,
  wanted: Audience | undefined,
): Promise<ChangedAudience> {
  if (wanted === undefined || wanted === post.audience) return { post, isChanged: false }
  await tx
    .updateTable('posts')
    .set({ audience: wanted })
    .where('bucket', '=', post.bucket)
    .where('id', '=', post.id)
    .execute()
  const changed = { post: { ...post, audience: wanted }, isChanged: true }
  if (wanted !== 'public') await accounts.noteLimited(tx, post.author_id)
  if (post.status !== 'ready') return changed
  await changeAudienceOfTags(tx, { postId: post.id, audience: wanted }, tagsOf(post.entities))
  if (wanted === 'public') return changed
  await accounts.endSight(tx, post.author_id)
  return { ...changed, narrowed: { from: post.audience, to: wanted } }
}
