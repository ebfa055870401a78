import type { Id } from '@heliograph/contract/common'
import { onLive, onReconcile } from '../../lib/live.ts'
import { tellWorker } from './forget-saved.ts'
import { keptThread, keptThreads } from './thread.ts'

/** Much may happen in a group at once. */
const restMs = 250

/** What the worker keeps of conversations that are not open here does not outlive what is taken back elsewhere. */
export function watchSaved(): void {
  const waiting = new Set<Id>()
  function renewSoon({ conversationId }: { conversationId: Id }): void {
    if (waiting.has(conversationId)) return
    waiting.add(conversationId)
    setTimeout(() => {
      waiting.delete(conversationId)
      // An open one asks for what is lacking, and the worker hears the answer.
      if (!keptThread(conversationId)) tellWorker({ type: 'changed', conversationId })
    }, restMs)
  }
  const renewAll = () => tellWorker({ type: 'missed', open: keptThreads() })
  onLive('message.changed', renewSoon)
  onLive('conversation.changed', renewSoon)
  onReconcile(renewAll)
  renewAll()
}
