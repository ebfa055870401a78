import type { Post } from '@heliograph/contract/posts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import type { Http } from '#platform/http/http.ts'
import type { Id } from '#platform/ids/ids.ts'
import { createFragments } from './cards/fragments.ts'
import { createCards, type PresentCards, type ShowsAny } from './cards/posts-cards.ts'
import { createComments } from './comments/comments.ts'
import { createExportPosts } from './export-posts.ts'
import { createLikes } from './likes/likes.ts'
import { followLikes } from './likes/likes-given.ts'
import { createLikesMemory } from './likes/likes-memory.ts'
import { createViewerMarks } from './marks/viewer-marks.ts'
import type { PostsDeps, Reader } from './posts-deps.ts'
import { followPostsLive } from './posts-live.ts'
import { createPostsModeration, type PostsModeration } from './posts-moderation.ts'
import { createPostsPreview, type PreviewTags } from './posts-preview.ts'
import { mountPosts } from './posts-routes.ts'
import { createPostsText, type PostsText } from './posts-text.ts'
import { createPostsGate } from './presenting/posts-gate.ts'
import { createPostNotices, type PostNotices } from './presenting/posts-notices.ts'
import {
  createPostsPresenter,
  type PageOptions,
  type PageRequest,
  type PostsPage,
} from './presenting/posts-presenter.ts'
import { createPostCreation } from './publishing/posts-create.ts'
import { createPostDeletion } from './publishing/posts-delete.ts'
import { createPostEditing } from './publishing/posts-edit.ts'
import { holdForPicture } from './publishing/posts-hold.ts'
import { definePostsJobs } from './publishing/posts-jobs.ts'
import { createPostPurge } from './publishing/posts-purge.ts'
import { createPostRetry } from './publishing/posts-retry.ts'
import { createPostsSettling } from './publishing/posts-settle.ts'
import { createPostsSweep, type PostsSweep } from './publishing/posts-sweep.ts'
import { createSaves } from './saves/saves.ts'
import { createShares } from './shares/shares.ts'
import { createErasePosts } from './upkeep/erase-posts.ts'
import { createMarksReconcile, type ReconcileMarks } from './upkeep/marks-reconcile.ts'
import { createPostsRecount, type PostsRecount } from './upkeep/posts-recount.ts'

export type { FoundFragment } from './cards/fragments.ts'
export type { CardsPage } from './cards/posts-cards.ts'
export type { Card } from './cards/written-cards.ts'
export type { Outboxes, PostsDeps, Reader, ScreenedText, Screening } from './posts-deps.ts'
export type { PostsModeration } from './posts-moderation.ts'
export { type PostsEvents, type PostsTables, postsTakesSight } from './posts-tables.ts'
export type { CommentNotice, PostNotice } from './presenting/posts-notices.ts'
export type { PageOptions, PageRequest, PostsPage } from './presenting/posts-presenter.ts'

/** What other modules may ask of posts. */
export interface PostsApi extends PostNotices {
  /**
   * A page of a list of posts as the reader may see them: what is absent or not for the reader is left out,
   * and the list is read on until the page is full. The number of queries does not grow with the posts.
   */
  presentPage<Row extends { post_id: Id }>(
    reader: Reader,
    skeleton: Skeleton<Row>,
    request: PageRequest,
    options?: PageOptions,
  ): Promise<PostsPage<Row>>
  /** Throws `post.not_found`: not there and not for this reader are the same. */
  requireVisible(reader: Reader, postId: Id): Promise<void>
  /** For what one does with it: `post.not_ready` as well. */
  requireReady(reader: Reader, postId: Id): Promise<void>
  /** Those of them that are ready and for this reader. */
  presentVisible(reader: Reader, postIds: readonly Id[]): Promise<Map<Id, Post>>
  /** The same page with its posts as JSON that is ready to be sent, for lists that are read all the time. */
  presentCards: PresentCards
  showsAny: ShowsAny
  /** What links in somebody's words: of mentions those who may be named by them. */
  entitiesOf: PostsText['entitiesOf']
  /** Open Graph and Twitter tags of a post that everybody may see; null for any other, and for none. */
  previewTags: PreviewTags
  recount: PostsRecount
  /** Likes and saves as their givers know them, against the posts. */
  reconcileMarks: ReconcileMarks
  sweep: PostsSweep
  moderation: PostsModeration
  /** Everything that is kept in memory can be lost at any moment. */
  dropMemory(): void
}

export interface Posts {
  api: PostsApi
  routes(http: Http): void
}

export function createPosts(deps: PostsDeps): Posts {
  const { jobs, clock, log, publicUrl } = deps
  const gate = createPostsGate(deps)
  const text = createPostsText(deps)
  const likesFollower = followLikes(deps)
  const likesMemory = createLikesMemory({ clock, log, reached: likesFollower.position })
  const presenter = createPostsPresenter({ ...deps, gate, likesMemory })
  const fragments = createFragments({ ...deps, likesMemory })
  const marks = createViewerMarks({ ...deps, likesMemory })
  const settling = createPostsSettling(deps)
  const purge = createPostPurge(deps)
  const sweep = createPostsSweep({ ...deps, settling, purge })
  const recount = createPostsRecount(deps)
  const reconcileMarks = createMarksReconcile({ ...deps, likesFollower })

  definePostsJobs({ ...deps, settling, purge, sweep })
  const nightly = { lane: 'bulk', maxAttempts: 3 } as const
  jobs.every(
    'posts.reconcile',
    '17 3 * * *',
    async () => log.info(await reconcileMarks(), 'Likes and saves reconciled'),
    nightly,
  )
  jobs.every(
    'posts.recount',
    '7 4 * * 0',
    async () => {
      const report = { posts: await recount.postCounts(), hashtags: await recount.hashtags() }
      log.info({ ...report, accounts: await recount.accounts() }, 'Posts recounted')
    },
    nightly,
  )
  const remove = createPostDeletion(deps)
  const likes = createLikes({ ...deps, gate, memory: likesMemory, noteLikes: fragments.noteLikes })
  const comments = createComments({ ...deps, gate, text })
  deps.accounts.whenErased(createErasePosts({ ...deps, remove, likes, comments }))
  deps.accounts.whenExported(createExportPosts({ ...deps, gate }))
  followPostsLive({ ...deps, gate })
  deps.media.whenHeld(holdForPicture(deps))

  return {
    api: {
      presentPage: presenter.presentPage,
      requireVisible: async (reader, postId) => void (await gate.requireVisible(reader, postId)),
      requireReady: async (reader, postId) => void (await gate.requireReady(reader, postId)),
      async presentVisible(reader, postIds) {
        const seen = await gate.findVisible(reader, [...new Set(postIds)])
        const ready = seen.filter((post) => post.status === 'ready')
        return new Map((await presenter.present(reader, ready)).map((post) => [post.id, post]))
      },
      ...createPostNotices({ ...deps, gate }),
      ...createCards({ ...deps, fragments, marks, gate, presenter }),
      entitiesOf: text.entitiesOf,
      previewTags: createPostsPreview({ gate, presenter, publicUrl }),
      recount,
      reconcileMarks,
      sweep,
      moderation: createPostsModeration({ ...deps, gate, presenter }),
      dropMemory() {
        fragments.clear()
        marks.clear()
      },
    },
    routes(http) {
      mountPosts(http, deps, {
        presenter,
        create: createPostCreation({ ...deps, text, settling }),
        edit: createPostEditing({ ...deps, text }),
        retry: createPostRetry(deps),
        remove,
        likes,
        saves: createSaves({ ...deps, gate }),
        share: createShares({ ...deps, gate }),
        comments,
      })
    },
  }
}
