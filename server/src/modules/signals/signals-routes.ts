import { signalsEndpoints } from '@heliograph/contract/signals'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page } from '#platform/http/mount.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { HiddenPosts } from './hidden-posts.ts'
import type { TakeSent } from './signals-sent.ts'
import type { createSignalsView } from './signals-view.ts'

interface Deps {
  take: TakeSent
  hidden: HiddenPosts
  view: ReturnType<typeof createSignalsView>
  erase(userId: Id): Promise<void>
}

export function mountSignals(http: Http, { take, hidden, view, erase }: Deps): void {
  mount(http, signalsEndpoints, {
    'POST /api/signals': async ({ viewer, body }) => {
      await take(viewer, body)
      return answer(202, { accepted: body.signals.length })
    },
    'GET /api/me/signals': async ({ viewer, query, position }) => {
      const found = await view.list(viewer, position?.[0] ?? null, query.limit + 1)
      const shown = found.slice(0, query.limit)
      const last = found.length > query.limit ? shown.at(-1) : undefined
      return page(shown, last ? [last.id] : null)
    },
    'DELETE /api/me/signals': async ({ viewer }) => {
      await erase(viewer.id)
      return noContent()
    },
    'GET /api/me/interests': async ({ viewer }) => answer(200, await view.interests(viewer)),
    'PUT /api/posts/:id/hidden': async ({ viewer, params }) => {
      await hidden.hide(viewer, params.id)
      return noContent()
    },
    'DELETE /api/posts/:id/hidden': async ({ viewer, params }) => {
      await hidden.unhide(viewer, params.id)
      return noContent()
    },
  })
}
