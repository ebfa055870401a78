import { isFault } from '#platform/http/fault.ts'
import { findDirect } from './conversations-create.ts'
import { emitOwn } from './conversations-own.ts'
import { saveMember } from './conversations-repository.ts'
import { saveInbox } from './inbox-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { MessagesGate } from './messages-gate.ts'

type Deps = Pick<MessagesDeps, 'database' | 'events'> & { gate: MessagesGate }

/**
 * Whom somebody keeps at a distance: what they write lies among the requests from then on, until it is answered. They do not learn
 * of it, as the conversation's number stays.
 */
export function followDistance({ database, events, gate }: Deps): void {
  events.follow('messages.distance', ['graph.restricted'], async (batch) => {
    for (const { data } of batch) {
      const { restricterId, restrictedId } = data
      const id = await findDirect(database.main, restricterId, restrictedId)
      if (id === undefined) continue
      const waits = gate.change({ id: restricterId }, id, async (locked) => {
        const { tx, own } = locked
        await saveMember(tx, own, { is_accepted: false })
        await saveInbox(tx, restricterId, id, { folder: 'requests' })
        await emitOwn({ events }, locked)
      })
      await waits.catch((error: unknown) => {
        // Both are gone meanwhile, and their conversation with them: whom it concerns next must not wait for that.
        if (!isFault(error, 'conversation.not_found')) throw error
      })
    }
  })
}
