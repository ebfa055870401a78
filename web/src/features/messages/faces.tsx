import type { Conversation } from '@heliograph/contract/messages'
import { Users } from 'lucide-preact'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { othersOf } from './who.ts'

/** The other one's picture; of a group those of two, or its own. */
export function Faces({ conversation, size }: { conversation: Conversation; size: 32 | 40 | 56 | 88 }) {
  const others = othersOf(conversation)
  const [first, second] = others
  if (conversation.kind === 'direct') {
    const member = conversation.members.find(({ userId }) => userId === first?.id)
    return (
      <span class="faces">
        <Avatar user={first ?? nobody} size={size} />
        {member?.activity?.isActive ? <span class="faces-active" /> : null}
      </span>
    )
  }
  const picture = conversation.picture?.imageUrl
  if (picture) return <Avatar user={{ username: conversation.name ?? '', avatarUrl: picture }} size={size} />
  if (!first || !second) {
    return (
      <span class={`avatar avatar-${size}`} aria-hidden="true">
        {first ? <Avatar user={first} size={size} /> : <Icon of={Users} size={20} />}
      </span>
    )
  }
  return (
    <span class={`faces faces-two faces-${size}`} aria-hidden="true">
      <Avatar user={first} size={smaller[size]} />
      <Avatar user={second} size={smaller[size]} />
    </span>
  )
}

/** Where there is no account any more, or none for whoever looks. */
export const nobody = { username: '', avatarUrl: null }
const smaller = { 32: 24, 40: 24, 56: 40, 88: 56 } as const
