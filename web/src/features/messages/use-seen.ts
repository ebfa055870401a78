import type { Conversation } from '@heliograph/contract/messages'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { online } from '../../lib/online.ts'
import { patiently } from '../../lib/patiently.ts'
import { patchConversation } from './conversations.ts'
import type { Thread } from './thread.ts'

/** Tells the server up to where one has read: what is on a page that is looked at. Of a request nothing is told. */
export function useSeen(conversation: Conversation | undefined, thread: Thread): void {
  const [visible, setVisible] = useState(!document.hidden)
  useEffect(() => {
    const look = () => setVisible(!document.hidden)
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])

  const sequence = thread.messages.value.at(-1)?.sequence ?? 0
  const { id, folder, readSequence = 0 } = conversation ?? {}
  const wanted = visible && online.value && folder === 'inbox' && sequence > readSequence
  useEffect(() => {
    if (!wanted || !id) return
    const stop = new AbortController()
    const tell = () => call('PUT /api/conversations/:id/read', { params: { id }, body: { sequence } })
    patiently(tell, stop.signal).then(
      (answer) => patchConversation(id, answer),
      // The next message, or looking again, tells it.
      () => undefined,
    )
    return () => stop.abort()
  }, [wanted, id, sequence])
}
