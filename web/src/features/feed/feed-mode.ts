import type { FeedMode } from '@heliograph/contract/accounts'
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { call, isProblem } from '../../lib/api.ts'
import { me, welcome } from '../../lib/session.ts'
import { toastProblem } from '../../ui/toast.tsx'

/** Chosen on this visit; the account remembers it for the next. */
const chosen = signal<FeedMode | undefined>(undefined)
let sending = false

export const feedMode: ReadonlySignal<FeedMode> = computed(
  () => chosen.value ?? me.value?.feedMode ?? 'ranked',
)

export function chooseFeedMode(mode: FeedMode): void {
  chosen.value = mode
  void rememberFeedMode()
}

export function forgetFeedMode(): void {
  chosen.value = undefined
}

/** Taps may come faster than answers: one request at a time, and the last choice is what stays. */
export async function rememberFeedMode(): Promise<void> {
  if (sending) return
  sending = true
  try {
    for (;;) {
      const wanted = chosen.peek()
      if (!wanted || !me.peek() || me.peek()?.feedMode === wanted) return
      welcome(await call('PATCH /api/me', { body: { feedMode: wanted } }))
    }
  } catch (error) {
    // For this visit the choice holds; without a connection it is sent when there is one again.
    if (!isProblem(error, 'client.offline')) toastProblem(error)
  } finally {
    sending = false
  }
}
