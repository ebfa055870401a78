import { suggestionsEndpoints } from '@heliograph/contract/suggestions'
import type { AccountsApi } from '#modules/accounts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent } from '#platform/http/mount.ts'
import type { Suggestions } from './suggestions.ts'

interface Deps {
  accounts: AccountsApi
  suggestions: Suggestions
}

export function mountSuggestions(http: Http, { accounts, suggestions }: Deps): void {
  mount(http, suggestionsEndpoints, {
    'GET /api/suggestions': async ({ viewer, query }) =>
      answer(200, { items: await suggestions.list(viewer, query.limit), nextCursor: null }),
    'DELETE /api/suggestions/:username': async ({ viewer, params }) => {
      const { id } = await accounts.findVisibleUser(viewer, params.username)
      await suggestions.refuse({ from: viewer.id, to: id })
      return noContent()
    },
  })
}
