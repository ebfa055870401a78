import { effect } from '@preact/signals'
import { countInbox, watchInboxCount } from '../features/messages/inbox-count.ts'
import { countCases } from '../features/moderation/cases-waiting.ts'
import { watchUnread } from '../features/notifications/unread.ts'
import { onReconcile } from '../lib/live.ts'
import { me, moderates, onSignOut } from '../lib/session.ts'
import { startSignals } from '../lib/signals.ts'
import { watchSession } from '../lib/watch-session.ts'
import { startServiceWorker } from './service-worker.ts'

async function watchPush(): Promise<void> {
  const { forgetPushWithSession, renewPush } = await import('../features/notifications/push-device.ts')
  forgetPushWithSession()
  await renewPush()
}

async function watchSaved(): Promise<void> {
  const saved = await import('../features/messages/watch-saved.ts')
  saved.watchSaved()
}

/** Begun once the first screen stands. */
export function startBackground(): void {
  let present: string | undefined
  /** Whose session the server ended. It says so to a page that signs out as well, often before it answers that page. */
  let ended: string | undefined
  effect(() => {
    const id = me.value?.id
    if (id === undefined || id === present) return
    present = id
    // Posts, messages and Stories that were on their way when the page was closed.
    void import('../features/share/share-queue.ts').then(({ resumeShares }) => resumeShares())
    void import('../features/messages/send-queue.ts').then(({ resumeSending }) => resumeSending())
    void import('../features/stories/story-queue.ts').then(({ resumeStories }) => resumeStories())
  })
  onSignOut(async (how) => {
    const id = present ?? ended
    ended = how === 'ended' ? id : undefined
    present = undefined
    // A session that ended by itself takes nothing that the person has written: it is there after signing in.
    if (how !== 'left' || !id) return
    const [drafts, messages, stories] = await Promise.all([
      import('../features/share/drafts.ts'),
      import('../features/messages/outgoing.ts'),
      import('../features/stories/story-drafts.ts'),
    ])
    await Promise.all([drafts.dropDraftsOf(id), messages.dropOutgoingOf(id), stories.dropStoriesOf(id)])
  })
  effect(() => {
    // Of whoever is signed in now, and again each time the connection comes back.
    void moderates.value
    void countCases()
  })
  onReconcile(() => void countCases())
  watchInboxCount()
  effect(() => {
    void me.value?.id
    void countInbox()
  })
  onReconcile(() => void countInbox())
  void import('../features/stories/stories-state.ts').then(({ watchStories }) => watchStories())
  watchUnread()
  startSignals()
  watchSession()
  if (import.meta.env.PROD)
    void startServiceWorker().then(
      () => Promise.all([watchPush(), watchSaved()]),
      () => undefined,
    )
}
