import { canSee } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { MessagesGate } from './messages-gate.ts'
import { isMember } from './messages-policy.ts'

type Deps = Pick<MessagesDeps, 'bus' | 'hub' | 'log' | 'accounts' | 'graph'> & { gate: MessagesGate }

const channel = 'messages.typing'

interface TypingWord {
  conversationId: Id
  userId: Id
  toIds: Id[]
}

/** That somebody is writing: a word to all processes, kept nowhere. */
export function createTyping(deps: Deps): (writer: Reader, conversationId: Id) => Promise<void> {
  const { bus, hub, log, accounts, graph, gate } = deps

  bus.subscribe(channel, (text) => {
    const { conversationId, userId, toIds } = JSON.parse(text) as TypingWord
    tell(conversationId, userId, toIds).catch((err: unknown) =>
      log.warn({ err }, 'That somebody writes was not told'),
    )
  })

  async function tell(conversationId: Id, userId: Id, toIds: readonly Id[]): Promise<void> {
    for (const id of toIds) {
      if (!hub.isConnected(id)) continue
      const sight = await graph.loadSight({ id }, [userId])
      if (canSee(sight, { kind: 'message', authorId: userId }))
        hub.send(id, { type: 'typing', conversationId, userId })
    }
  }

  return async (writer, conversationId) => {
    const { members, own } = await gate.open(writer, conversationId)
    // Who has not accepted lets nobody know that they are there.
    if (!own.is_accepted) return
    // A request says what was written, and nothing beside it.
    const others = members.filter(
      (member) => isMember(member) && member.is_accepted && member.user_id !== writer.id,
    )
    const ids = others.map((member) => member.user_id)
    const [presence, standing] = await Promise.all([
      accounts.presenceOf([writer.id, ...ids]),
      graph.relationships(writer.id, ids),
    ])
    if (!presence.get(writer.id)?.showsActivity) return
    // Whom one keeps at a distance learns in no conversation that one is there.
    const toIds = ids.filter((id) => presence.get(id)?.showsActivity && !standing.get(id)?.restricting)
    const word: TypingWord = { conversationId, userId: writer.id, toIds }
    if (toIds.length > 0) bus.publish(channel, JSON.stringify(word))
  }
}
