import type { Id } from '@heliograph/contract/common'
import type { SuggestionReason } from '@heliograph/contract/suggestions'
import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { putUser, userSignal } from '../../lib/store.ts'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { p } from './people-words.ts'

export interface Suggested {
  id: Id
  reason: SuggestionReason
}

/** Undefined until they have come. Kept while the page is open: whoever is followed from here stays until then. */
export const suggested = signal<readonly Suggested[] | undefined>(undefined)

const freshMs = 10 * 60 * 1000
let readAt = Number.NEGATIVE_INFINITY
let readFor: Id | undefined

/** Nothing is said when it fails: nobody asked for them. */
export async function readSuggestions(viewerId: Id): Promise<void> {
  if (readFor !== viewerId) suggested.value = undefined
  else if (performance.now() - readAt < freshMs) return
  readFor = viewerId
  readAt = performance.now()
  try {
    const { items } = await call('GET /api/suggestions', { query: { limit: 20 } })
    if (readFor === viewerId)
      suggested.value = items.map(({ user, reason }) => ({ id: putUser(user), reason }))
  } catch {
    readAt = Number.NEGATIVE_INFINITY
  }
}

export async function refuseSuggestion(id: Id): Promise<void> {
  const username = userSignal(id).value?.username
  if (username === undefined) return
  const before = suggested.value
  suggested.value = before?.filter((one) => one.id !== id)
  try {
    await call('DELETE /api/suggestions/:username', { params: { username } })
    toast(p('suggested.refused', { name: username }))
  } catch (error) {
    suggested.value = before
    toastProblem(error)
  }
}
