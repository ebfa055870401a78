import { type GraphApi, mutes } from '#modules/graph'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Reader } from '../posts-deps.ts'
import { canSeePost } from '../posts-policy.ts'
import type { PostRow } from '../posts-rows.ts'
import { findPosts } from './posts-reads.ts'

export interface PostsGate {
  /** Those that are there and for this reader, in the given order. */
  findVisible(
    reader: Reader,
    postIds: readonly Id[],
    options?: { leaveOutMuted?: boolean },
  ): Promise<PostRow[]>
  /** The post, or `post.not_found`: not there and not for you are the same. */
  requireVisible(reader: Reader, postId: Id): Promise<PostRow>
  /** For what one does with a post: its author sees it before it is ready, and cannot like it yet. */
  requireReady(reader: Reader, postId: Id): Promise<PostRow>
  /** Seen or not, for taking back what is one's own on it; nothing of the post may be answered from it. */
  findUnseen(postId: Id): Promise<PostRow | undefined>
  /** The post if it is the reader's own, in any state. */
  requireOwn(reader: { id: Id }, postId: Id): Promise<PostRow>
}

export function createPostsGate({ database, graph }: { database: Database; graph: GraphApi }): PostsGate {
  const gate: PostsGate = {
    async findVisible(reader, postIds, { leaveOutMuted = false } = {}) {
      // Not from a replica: it may not know yet that a post is deleted.
      const posts = await findPosts(database.main, postIds)
      const found = postIds.map((id) => posts.get(id)).filter((post) => post !== undefined)
      if (found.length === 0) return []
      const sight = await graph.loadSight(
        reader,
        found.map((post) => post.author_id),
      )
      return found.filter(
        (post) => canSeePost(sight, post) && !(leaveOutMuted && mutes(sight, post.author_id)),
      )
    },
    async requireVisible(reader, postId) {
      const [post] = await gate.findVisible(reader, [postId])
      if (!post) throw fault('post.not_found')
      return post
    },
    async requireReady(reader, postId) {
      const post = await gate.requireVisible(reader, postId)
      if (post.status !== 'ready') throw fault('post.not_ready')
      return post
    },
    async findUnseen(postId) {
      const post = (await findPosts(database.main, [postId])).get(postId)
      return post?.deleted_at === null ? post : undefined
    },
    async requireOwn(reader, postId) {
      const post = await gate.requireVisible(reader, postId)
      if (post.author_id !== reader.id) throw fault('post.not_found')
      return post
    },
  }
  return gate
}
