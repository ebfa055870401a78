import type { Conversation } from '@heliograph/contract/messages'
import { Verified } from '../people/verified.tsx'
import { othersOf } from './who.ts'

/** Between two the title is the other one's name, and their mark stands beside it. */
export function VerifiedOther({ conversation }: { conversation: Conversation }) {
  const [other] = othersOf(conversation)
  return conversation.kind === 'direct' && other ? <Verified user={other} /> : null
}
