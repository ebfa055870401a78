import type { Post } from '@heliograph/contract/posts'
import type { Id } from '#platform/ids/ids.ts'

export type { Outboxes } from './posts-deps.ts'

/** What other modules may ask of posts. */
export interface PostsApi {
  /**
   * The posts in the given order, as the viewer may see them: what is absent or not for the viewer is left
   * out. Reads in batches; the number of queries does not grow with the number of posts.
   */
  presentVisible(
    viewer: { id: Id } | null,
    postIds: readonly Id[],
    options?: { leaveOutMuted?: boolean },
  ): Promise<Post[]>
  /** Open Graph and Twitter tags of a post that everybody may see; null for any other, and for none. */
  previewTags(postId: string): Promise<string | null>
}
