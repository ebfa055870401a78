import { Audience, postsEndpoints } from '@heliograph/contract/posts'
import { canSee } from '#modules/graph'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page } from '#platform/http/mount.ts'
import type { Comments } from './comments/comments.ts'
import { suggestTags, taggedPosts } from './hashtags/hashtags-lists.ts'
import type { Likes } from './likes/likes.ts'
import type { PostsDeps } from './posts-deps.ts'
import { markedPosts, profilePosts } from './presenting/posts-lists.ts'
import type { PostsPresenter } from './presenting/posts-presenter.ts'
import type { CreatePost } from './publishing/posts-create.ts'
import type { DeletePost } from './publishing/posts-delete.ts'
import type { EditPost } from './publishing/posts-edit.ts'
import type { RetryPost } from './publishing/posts-retry.ts'
import type { Saves } from './saves/saves.ts'
import type { SharePost } from './shares/shares.ts'

export interface PostsServices {
  presenter: PostsPresenter
  create: CreatePost
  edit: EditPost
  retry: RetryPost
  remove: DeletePost
  likes: Likes
  saves: Saves
  share: SharePost
  comments: Comments
}

type Deps = Pick<PostsDeps, 'database' | 'graph'>

export function mountPosts(http: Http, deps: Deps, services: PostsServices): void {
  const { database, graph } = deps
  const { presenter, likes, saves, comments } = services

  mount(http, postsEndpoints, {
    'POST /api/posts': {
      async create({ viewer, body, once }) {
        return answer(201, await presenter.presentOne(viewer, await services.create(viewer, body, once)))
      },
      async replay({ viewer }, createdId) {
        return answer(201, await presenter.presentOne(viewer, createdId))
      },
    },
    'GET /api/posts/:id': async ({ viewer, params }) =>
      answer(200, await presenter.presentOne(viewer, params.id)),
    'PATCH /api/posts/:id': async ({ viewer, params, body }) => {
      await services.edit(viewer, params.id, body)
      return answer(200, await presenter.presentOne(viewer, params.id))
    },
    'DELETE /api/posts/:id': async ({ viewer, params }) => {
      await services.remove(viewer, params.id)
      return noContent()
    },
    'POST /api/posts/:id/retry': async ({ viewer, params }) => {
      await services.retry(viewer, params.id)
      return answer(200, await presenter.presentOne(viewer, params.id))
    },

    'PUT /api/posts/:id/like': async ({ viewer, params }) => answer(200, await likes.like(viewer, params.id)),
    'DELETE /api/posts/:id/like': async ({ viewer, params }) =>
      answer(200, await likes.unlike(viewer, params.id)),
    'PUT /api/posts/:id/save': async ({ viewer, params }) => {
      await saves.save(viewer, params.id)
      return answer(200, { saved: true })
    },
    'DELETE /api/posts/:id/save': async ({ viewer, params }) => {
      await saves.unsave(viewer, params.id)
      return answer(200, { saved: false })
    },
    'POST /api/posts/:id/shares': async ({ viewer, params }) =>
      answer(200, { shareCount: await services.share(viewer, params.id) }),
    'GET /api/posts/:id/likes': async (context) => {
      const { items, nextPosition } = await likes.listLikers(
        context.viewer,
        context.params.id,
        pageRequest(context),
      )
      return page(items, nextPosition)
    },

    'GET /api/posts/:id/comments': async (context) => {
      const { viewer, params, query } = context
      const listed = await comments.list(viewer, params.id, query.parentId, pageRequest(context))
      return page(listed.items, listed.nextPosition, { mayComment: listed.mayComment })
    },
    'POST /api/posts/:id/comments': {
      async create({ viewer, params, body, once }) {
        const id = await comments.create(viewer, params.id, body, once)
        return answer(201, await comments.presentOne(viewer, params.id, id))
      },
      async replay({ viewer, params }, createdId) {
        return answer(201, await comments.presentOne(viewer, params.id, createdId))
      },
    },
    'PUT /api/posts/:id/comments/:commentId/approved': async ({ viewer, params }) => {
      await comments.approve(viewer, params.id, params.commentId)
      return noContent()
    },
    'DELETE /api/posts/:id/comments/:commentId': async ({ viewer, params }) => {
      await comments.remove(viewer, params.id, params.commentId)
      return noContent()
    },

    'GET /api/users/:username/posts': async (context) => {
      const { viewer, params } = context
      const { id: authorId } = await graph.findVisibleUser(viewer, params.username)
      const sight = await graph.loadSight(viewer, [authorId])
      const audiences = Audience.options.filter((audience) =>
        canSee(sight, { kind: 'post', authorId, audience, status: 'ready' }),
      )
      // Spares reading on through a list of which nothing may be seen.
      if (audiences.length === 0) return page([], null)
      const skeleton = profilePosts(database, viewer, authorId, audiences)
      const { items, nextPosition } = await presenter.presentPage(viewer, skeleton, pageRequest(context))
      return page(items, nextPosition)
    },
    'GET /api/me/saved': async (context) => {
      const skeleton = markedPosts(database, 'saves', context.viewer.id)
      const { items, nextPosition } = await presenter.presentPage(
        context.viewer,
        skeleton,
        pageRequest(context),
      )
      return page(items, nextPosition)
    },
    'GET /api/me/likes': async (context) => {
      const skeleton = likes.listLiked(context.viewer.id)
      const { items, nextPosition } = await presenter.presentPage(
        context.viewer,
        skeleton,
        pageRequest(context),
      )
      return page(items, nextPosition)
    },
    'GET /api/tags': async ({ viewer, query }) =>
      answer(200, { items: await suggestTags(deps, viewer, query.prefix), nextCursor: null }),
    'GET /api/tags/:tag/posts': async (context) => {
      const skeleton = taggedPosts(database, context.viewer, context.params.tag)
      const { items, nextPosition } = await presenter.presentPage(
        context.viewer,
        skeleton,
        pageRequest(context),
      )
      return page(items, nextPosition)
    },
  })
}

function pageRequest({ position, query }: { position: readonly string[] | null; query: { limit: number } }) {
  return { position, limit: query.limit }
}
