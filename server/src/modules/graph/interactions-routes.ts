import { interactionsEndpoints } from '@heliograph/contract/interactions'
import type { Http } from '#platform/http/http.ts'
import { answer, mount } from '#platform/http/mount.ts'
import type { HiddenWordsService } from './interactions.ts'

interface Deps {
  hiddenWords: HiddenWordsService
}

export function mountInteractions(http: Http, { hiddenWords }: Deps): void {
  mount(http, interactionsEndpoints, {
    'GET /api/me/hidden-words': async ({ viewer }) => answer(200, await hiddenWords.find(viewer.id)),
    'PUT /api/me/hidden-words': async ({ viewer, body }) => {
      await hiddenWords.change(viewer.id, body)
      return answer(200, await hiddenWords.find(viewer.id))
    },
  })
}
