import type { Conversation } from '@heliograph/contract/messages'
import { LockKeyhole } from 'lucide-preact'
import { Icon } from '../../ui/icon.tsx'
import { Faces } from './faces.tsx'
import { w } from './messages-words.ts'
import { othersOf, titleOf } from './who.ts'

/** Above the first message: with whom, and who else could read it. */
export function TalkBeginning({ conversation }: { conversation: Conversation }) {
  const [other] = othersOf(conversation)
  const direct = conversation.kind === 'direct'
  return (
    <div class="talk-beginning">
      <Faces conversation={conversation} size={88} />
      <p class="talk-beginning-name">
        <bdi>{direct ? other?.fullName || other?.username : titleOf(conversation)}</bdi>
      </p>
      {direct && other?.username ? (
        <a class="text-link" href={`/${other.username}`}>
          {w('profile')}
        </a>
      ) : null}
      {direct ? null : <p class="quiet">{w('members', { count: conversation.members.length })}</p>}
      <p class="talk-plain quiet">
        <Icon of={LockKeyhole} size={16} />
        <span>{w('plain')}</span>
      </p>
    </div>
  )
}
