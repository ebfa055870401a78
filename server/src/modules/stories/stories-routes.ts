import { storiesEndpoints } from '@heliograph/contract/stories'
import { fillPage } from '#platform/db/fill-page.ts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page, rawPage } from '#platform/http/mount.ts'
import type { Highlights } from './highlights/highlights.ts'
import type { StoriesGate } from './presenting/stories-gate.ts'
import type { StoriesPresenter } from './presenting/stories-presenter.ts'
import type { CreateStory } from './publishing/stories-create.ts'
import type { DeleteStory } from './publishing/stories-delete.ts'
import type { StoriesDeps } from './stories-deps.ts'
import { findStories, listArchived, listOut } from './stories-repository.ts'
import type { Tray } from './tray/tray.ts'
import type { Views } from './views/views.ts'

export interface StoriesServices {
  gate: StoriesGate
  presenter: StoriesPresenter
  create: CreateStory
  remove: DeleteStory
  tray: Tray
  views: Views
  highlights: Highlights
}

type Deps = Pick<StoriesDeps, 'database' | 'clock' | 'accounts' | 'graph'>

export function mountStories(http: Http, deps: Deps, services: StoriesServices): void {
  const { database, clock, accounts, graph } = deps
  const { gate, presenter, create, remove, tray, views, highlights } = services

  mount(http, storiesEndpoints, {
    'POST /api/stories': {
      create: async ({ viewer, body, once }) =>
        answer(201, await presenter.presentOne(viewer, await create(viewer, body, once))),
      replay: async ({ viewer }, createdId) => answer(201, await presenter.presentOne(viewer, createdId)),
    },
    'GET /api/stories': ({ viewer }) => {
      const known = tray.peek(viewer)
      return known ? rawPage(known, null) : tray.read(viewer).then((rings) => rawPage(rings, null))
    },
    'GET /api/users/:username/stories': async ({ viewer, params }) => {
      const author = await graph.findVisibleUser(viewer, params.username)
      const ids = await listOut(database.main, author.id, new Date(clock.now()))
      const items = await presenter.present(viewer, await gate.findVisible(viewer, ids))
      return answer(200, { user: accounts.presentSummary(author), items })
    },
    'GET /api/stories/:id': async ({ viewer, params }) =>
      answer(200, await presenter.presentOne(viewer, params.id)),
    'DELETE /api/stories/:id': async ({ viewer, params }) => {
      await remove(viewer, params.id)
      return noContent()
    },
    'PUT /api/stories/:id/seen': async ({ viewer, params }) => {
      await views.see(viewer, params.id)
      return noContent()
    },
    'GET /api/stories/:id/viewers': async ({ viewer, params, position, query }) => {
      const { items, nextPosition, viewCount } = await views.list(viewer, params.id, {
        position,
        limit: query.limit,
      })
      return page(items, nextPosition, { viewCount })
    },
    'POST /api/stories/:id/reactions': async ({ viewer, params, body }) => {
      await views.react(viewer, params.id, body.emoji)
      return answer(201, { reaction: body.emoji })
    },
    'DELETE /api/stories/:id/reactions': async ({ viewer, params }) => {
      await views.takeBack(viewer, params.id)
      return noContent()
    },

    'GET /api/me/story-archive': async ({ viewer, position, query }) => {
      const found = await fillPage(
        {
          read: (at, limit) => listArchived(database.main, viewer.id, { before: at?.[0] ?? null, limit }),
          positionOf: (row) => [row.id],
        },
        async (rows) => rows,
        { position, limit: query.limit },
      )
      const ids = found.rows.map(({ id }) => id)
      const rows = await findStories(database.main, ids)
      const items = await presenter.present(
        viewer,
        ids.flatMap((id) => rows.get(id) ?? []),
      )
      return page(items, found.nextPosition)
    },
    'GET /api/users/:username/highlights': async ({ viewer, params }) => {
      const { id } = await graph.findVisibleUser(viewer, params.username)
      return answer(200, { items: await highlights.listOf(viewer, id) })
    },
    'POST /api/highlights': {
      create: async ({ viewer, body, once }) =>
        answer(201, await highlights.present(viewer, await highlights.create(viewer, body, once))),
      replay: async ({ viewer }, createdId) => answer(201, await highlights.present(viewer, createdId)),
    },
    'GET /api/highlights/:id': async ({ viewer, params }) => {
      const { highlight, items, ownerId } = await highlights.open(viewer, params.id)
      const owner = (await accounts.findByIds([ownerId])).get(ownerId)!
      return answer(200, { ...highlight, user: accounts.presentSummary(owner), items })
    },
    'PATCH /api/highlights/:id': async ({ viewer, params, body }) => {
      await highlights.change(viewer, params.id, body)
      return answer(200, await highlights.present(viewer, params.id))
    },
    'DELETE /api/highlights/:id': async ({ viewer, params }) => {
      await highlights.remove(viewer, params.id)
      return noContent()
    },
  })
}
