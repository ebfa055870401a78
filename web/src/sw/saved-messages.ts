import type { MessagesPage } from '@heliograph/contract/messages'
import { mergeMessages } from '../features/messages/merge-messages.ts'

/** Of a conversation; further back one reads with a connection. */
const keptMax = 100

/** The newest messages as they are kept, with what came since. Undefined: between the two something is lacking. */
export function withPart(kept: MessagesPage, part: MessagesPage, after: number): MessagesPage | undefined {
  if (after > kept.version) return undefined
  // Of what lies before the stretch that is kept nothing is added: it would leave a gap.
  const from = kept.hasMore ? (kept.items[0]?.sequence ?? 0) : 0
  const items = mergeMessages(
    kept.items,
    part.items.filter(({ sequence }) => sequence >= from),
  )
  return {
    items: items.slice(-keptMax),
    members: part.members.filter(({ isMember }) => isMember),
    version: Math.max(kept.version, part.version),
    hasMore: kept.hasMore || items.length > keptMax,
  }
}
