import type { Post } from '@heliograph/contract/posts'
import { fillPage, type Skeleton } from '#platform/db/fill-page.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Reader } from '../posts-deps.ts'
import type { PostRow } from '../posts-rows.ts'
import type { PostsGate } from './posts-gate.ts'
import { type HydrateDeps, hydratePosts } from './posts-hydrate.ts'
import { type Presenters, presentPost } from './posts-view.ts'

export interface PostsPage<Row = unknown> {
  items: Post[]
  /** The row that each item stands for. */
  rows: Row[]
  nextPosition: readonly string[] | null
}

export interface PageRequest {
  position: readonly string[] | null
  limit: number
}

export interface PageOptions {
  leaveOutMuted?: boolean
}

/** Skeleton → rules → hydrate → present, for one post, some, or a page of a list. */
export interface PostsPresenter {
  /** Of posts that the gate let through; an author who vanished meanwhile takes the post along. */
  present(reader: Reader, posts: readonly PostRow[]): Promise<Post[]>
  presentOne(reader: Reader, postId: Id): Promise<Post>
  presentPage<Row extends { post_id: Id }>(
    reader: Reader,
    skeleton: Skeleton<Row>,
    request: PageRequest,
    options?: PageOptions,
  ): Promise<PostsPage<Row>>
}

export function createPostsPresenter(deps: HydrateDeps & { gate: PostsGate }): PostsPresenter {
  const { gate, accounts, media } = deps
  const presenters: Presenters = {
    summary: accounts.presentSummary,
    media: media.present,
    progress: media.progressOf,
    allowed: media.allowedInstead,
  }

  async function present(reader: Reader, posts: readonly PostRow[]): Promise<Post[]> {
    if (posts.length === 0) return []
    const { facts, people } = await hydratePosts(deps, reader, posts)
    return facts.map((each) => presentPost(presenters, reader, each, people)).filter((post) => post !== null)
  }

  return {
    present,
    async presentOne(reader, postId) {
      const row = await gate.requireVisible(reader, postId)
      const [post] = await present(reader, [row])
      if (!post) throw fault('post.not_found')
      return post
    },
    async presentPage(reader, skeleton, request, options) {
      const visible = new Map<Id, PostRow>()
      const keep = async <Row extends { post_id: Id }>(rows: Row[]): Promise<Row[]> => {
        const found = await gate.findVisible(
          reader,
          rows.map((row) => row.post_id),
          options,
        )
        for (const post of found) visible.set(post.id, post)
        return rows.filter((row) => visible.has(row.post_id))
      }
      const page = await fillPage(skeleton, keep, request)
      const posts = page.rows.map((row) => visible.get(row.post_id)!)
      const items = await present(reader, posts)
      const shown = new Set(items.map((post) => post.id))
      const rows = page.rows.filter((row) => shown.has(row.post_id))
      return { items, rows, nextPosition: page.nextPosition }
    },
  }
}
