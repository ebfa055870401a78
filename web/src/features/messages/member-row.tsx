import type { Conversation, ConversationMember } from '@heliograph/contract/messages'
import { Ellipsis, ShieldMinus, ShieldPlus, UserMinus } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { me } from '../../lib/session.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { type Action, Menu } from '../../ui/menu.tsx'
import { Verified } from '../people/verified.tsx'
import { nobody } from './faces.tsx'
import { makeAdmin, removeMember, unmakeAdmin } from './messages-acts.ts'
import { w } from './messages-words.ts'
import { activityText } from './who.ts'

interface MemberRowProps {
  conversation: Conversation
  member: ConversationMember
}

export function MemberRow({ conversation, member }: MemberRowProps) {
  const [open, setOpen] = useState(false)
  const { user, isAdmin, activity } = member
  if (!user)
    return (
      <li class="person">
        <span class="person-link quiet">
          <Avatar user={nobody} size={44} />
          {w('gone')}
        </span>
      </li>
    )
  const own = member.userId === me.value?.id
  const others = conversation.members.some((other) => other.isAdmin && other.userId !== member.userId)
  // The last admin stays one.
  const mayAct = conversation.kind === 'group' && conversation.isAdmin && (!own || others)
  const line = isAdmin && conversation.kind === 'group' ? w('admin') : activityText(activity) || user.fullName
  const administer: Action = isAdmin
    ? {
        id: 'unmake',
        label: own ? w('admin.unmake.own') : w('admin.unmake'),
        icon: ShieldMinus,
        perform: () => unmakeAdmin(conversation, user.username),
      }
    : {
        id: 'admin',
        label: w('admin.make'),
        icon: ShieldPlus,
        perform: () => makeAdmin(conversation, user.username),
      }
  const remove: Action = {
    id: 'remove',
    label: w('member.remove'),
    icon: UserMinus,
    danger: true,
    perform: () => removeMember(conversation, user.username),
  }
  const actions = own ? [administer] : [administer, remove]
  return (
    <li class="person">
      <a class="person-link" href={`/${user.username}`}>
        <Avatar user={user} size={44} />
        <span class="person-names">
          <span class="person-name">
            {own ? w('you') : user.username}
            <Verified user={user} />
          </span>
          <span class="quiet">
            <bdi>{line}</bdi>
          </span>
        </span>
      </a>
      {mayAct ? (
        <IconButton
          icon={Ellipsis}
          hasPopup
          label={w('member.more', { name: user.username })}
          onClick={() => setOpen(true)}
        />
      ) : null}
      {open ? (
        <Menu
          title={w('member.more', { name: user.username })}
          actions={actions}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </li>
  )
}
