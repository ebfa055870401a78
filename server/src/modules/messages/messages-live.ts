import type { LiveEvent } from '@heliograph/contract/live'
import { canSee } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import type { Order } from '#platform/live/live-log.ts'
import { countInbox } from './inbox-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'

type Deps = Pick<MessagesDeps, 'database' | 'events' | 'hub' | 'graph' | 'log'>

/** Of one person at most this often. */
const countsEveryMs = 250

/**
 * Hints to open sockets, without a word of what was written: who was in the conversation when it happened hears that there
 * is something to read, unless a block parts them from who did it.
 */
export function followMessagesLive(deps: Deps): void {
  const { events, hub, graph } = deps
  const counts = createCountsTicker(deps)

  async function tell(toIds: readonly Id[], doneBy: Id, event: LiveEvent, order?: Order): Promise<void> {
    for (const id of toIds) {
      if (!hub.isConnected(id)) continue
      const sight = id === doneBy ? null : await graph.loadSight({ id }, [doneBy])
      if (sight === null || canSee(sight, { kind: 'message', authorId: doneBy })) hub.send(id, event, order)
    }
  }

  events.on('messages.sent', async ({ data: { conversationId, memberIds, senderId, version } }) => {
    const event: LiveEvent = { type: 'message.new', conversationId, sequence: version }
    await tell(memberIds, senderId, event, { stream: conversationId, at: version })
    for (const id of memberIds) counts.changed(id)
  })
  events.on('messages.changed', async ({ data: { conversationId, memberIds, userId, version, what } }) => {
    const event: LiveEvent = { type: 'message.changed', conversationId, version }
    await tell(memberIds, userId, event, { stream: conversationId, at: version })
    if (what === 'unsent') for (const id of memberIds) counts.changed(id)
  })
  events.on('conversations.changed', ({ data: { conversationId, memberIds, goneIds, version } }) => {
    for (const id of [...memberIds, ...goneIds]) {
      hub.send(id, { type: 'conversation.changed', conversationId, version })
      counts.changed(id)
    }
  })
  events.on('conversations.read', async ({ data: { conversationId, userId, sequence, toldIds } }) => {
    const event: LiveEvent = { type: 'conversation.read', conversationId, userId, sequence }
    await tell([userId, ...toldIds], userId, event)
    counts.changed(userId)
  })
  events.on('inbox.changed', ({ data: { conversationId, userId } }) => {
    hub.send(userId, { type: 'conversation.changed', conversationId, version: 0 })
    counts.changed(userId)
  })
}

function createCountsTicker({ database, hub, log }: Deps) {
  const waiting = new Map<Id, NodeJS.Timeout>()

  async function tell(userId: Id): Promise<void> {
    if (!hub.isConnected(userId)) return
    // Of two that were asked for at once the later one knows more, whichever is answered first.
    const order = { stream: 'inbox.changed', at: performance.now() }
    hub.send(userId, { type: 'inbox.changed', ...(await countInbox(database.main, userId)) }, order)
  }

  return {
    changed(userId: Id): void {
      if (waiting.has(userId) || !hub.isConnected(userId)) return
      const timer = setTimeout(() => {
        waiting.delete(userId)
        tell(userId).catch((err: unknown) => log.warn({ err }, 'Counts of messages were not told'))
      }, countsEveryMs)
      timer.unref()
      waiting.set(userId, timer)
    },
  }
}
