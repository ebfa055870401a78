import type { Conversation, MessagesPage } from '@heliograph/contract/messages'
import { mergeMessages, withoutDeleted } from '../features/messages/merge-messages.ts'

/** Of a conversation; further back one reads with a connection. */
const keptMax = 100

/** The newest messages as they are kept, with what came since. Undefined: between the two something is lacking. */
export function withPart(kept: MessagesPage, part: MessagesPage, after: number): MessagesPage | undefined {
  if (after > kept.version) return undefined
  // Of what lies before the stretch that is kept nothing is added: it would leave a gap.
  const from = kept.hasMore ? (kept.items[0]?.sequence ?? 0) : 0
  const merged = mergeMessages(
    kept.items,
    part.items.filter(({ sequence }) => sequence >= from),
  )
  const items = withoutDeleted(merged, part)
  return {
    items: items.slice(-keptMax),
    members: part.members.filter(({ isMember }) => isMember),
    version: Math.max(kept.version, part.version),
    hasMore: kept.hasMore || items.length > keptMax,
    emptyUpTo: part.emptyUpTo,
  }
}

/** Whether something is gone that was there before: what cannot be brought up to date with it is not kept. */
export function takesAway({ items, cleared = [] }: MessagesPage): boolean {
  return cleared.length > 0 || items.some(({ unsent, unavailable }) => unsent || unavailable)
}

export interface Unsaid {
  conversationId: string
  /** Left out: all of it. `newest`: what its line in the list says. */
  sequences?: readonly number[] | 'newest' | undefined
}

/** A conversation as it is kept, without these of its messages; null: all of it is gone. */
export function withoutSaid(kept: Conversation, { conversationId, sequences }: Unsaid): Conversation | null {
  if (kept.id !== conversationId) return kept
  if (!sequences) return null
  return kept.lastMessage && (sequences === 'newest' || sequences.includes(kept.lastMessage.sequence))
    ? { ...kept, lastMessage: null }
    : kept
}
