import { effect } from '@preact/signals'
import { me } from '../lib/session.ts'
import { startServiceWorker } from './service-worker.ts'

/** Begun once the first screen stands. */
export function startBackground(): void {
  let resumed: string | undefined
  effect(() => {
    const id = me.value?.id
    if (id === resumed) return
    resumed = id
    // Posts that were on their way when the page was closed.
    if (id) void import('../features/share/share-queue.ts').then(({ resumeShares }) => resumeShares())
  })
  if (import.meta.env.PROD) void startServiceWorker().catch(() => undefined)
}
