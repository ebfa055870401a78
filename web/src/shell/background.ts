import { effect } from '@preact/signals'
import { countCases } from '../features/moderation/cases-waiting.ts'
import { onReconcile } from '../lib/live.ts'
import { me, moderates, onSignOut } from '../lib/session.ts'
import { startSignals } from '../lib/signals.ts'
import { watchSession } from '../lib/watch-session.ts'
import { startServiceWorker } from './service-worker.ts'

/** Begun once the first screen stands. */
export function startBackground(): void {
  let present: string | undefined
  effect(() => {
    const id = me.value?.id
    if (id === undefined || id === present) return
    present = id
    // Posts that were on their way when the page was closed.
    void import('../features/share/share-queue.ts').then(({ resumeShares }) => resumeShares())
  })
  onSignOut(async (how) => {
    const id = present
    present = undefined
    // A session that ended by itself takes nothing that the person has written: it is there after signing in.
    if (how === 'left' && id)
      await import('../features/share/drafts.ts').then((drafts) => drafts.dropDraftsOf(id))
  })
  effect(() => {
    // Of whoever is signed in now, and again each time the connection comes back.
    void moderates.value
    void countCases()
  })
  onReconcile(() => void countCases())
  startSignals()
  watchSession()
  if (import.meta.env.PROD) void startServiceWorker().catch(() => undefined)
}
