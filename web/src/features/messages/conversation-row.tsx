import type { Conversation, Message } from '@heliograph/contract/messages'
import { BellOff } from 'lucide-preact'
import { place } from '../../lib/navigation.ts'
import { me } from '../../lib/session.ts'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { Faces } from './faces.tsx'
import { w } from './messages-words.ts'
import { outgoing } from './send-queue.ts'
import { typingIn } from './typing.ts'
import { VerifiedOther } from './verified-other.tsx'
import { othersOf, senderName, titleOf } from './who.ts'

/** One line of the list: whose, the last words of it, when, and whether it was read. */
export function ConversationRow({ conversation }: { conversation: Conversation }) {
  const { id, lastMessage, unreadCount, muted, draft } = conversation
  const href = `/messages/${id}`
  const isUnread = unreadCount > 0
  const isTyping = typingIn(id).length > 0
  const failed = outgoing.value.some((one) => one.conversationId === id && one.problem !== undefined)
  const user = conversation.kind === 'direct' ? othersOf(conversation)[0] : undefined
  return (
    <li>
      <a
        class={`talks-row${isUnread ? ' talks-unread' : ''}`}
        href={href}
        aria-current={currentOf(href, place.value.path)}
      >
        <Faces conversation={conversation} size={56} />
        <span class="talks-words">
          <span class="talks-name">
            <bdi>{titleOf(conversation)}</bdi>
            <VerifiedOther conversation={conversation} />
            {muted ? <BellOff size={14} strokeWidth={2} role="img" aria-label={w('muted')} /> : null}
          </span>
          <span class="talks-last">
            <bdi>
              {failed
                ? w('row.failed')
                : isTyping
                  ? w('typing')
                  : draft
                    ? w('row.draft', { text: draft })
                    : lastMessage
                      ? lineOf(lastMessage, conversation.kind === 'group')
                      : (user?.fullName ?? '')}
            </bdi>
            {lastMessage ? (
              <>
                {' · '}
                <TimeAgo iso={lastMessage.createdAt} />
              </>
            ) : null}
          </span>
        </span>
        {isUnread ? (
          <>
            <span class="talks-dot" aria-hidden="true" />
            <span class="unseen">{w('row.unread', { count: unreadCount })}</span>
          </>
        ) : null}
      </a>
    </li>
  )
}

/** What is about a conversation (its members, its settings) is of the one that is open, too. */
function currentOf(href: string, path: string): 'page' | 'true' | undefined {
  if (path === href) return 'page'
  return path.startsWith(`${href}/`) ? 'true' : undefined
}

/** A message in one line. */
export function lineOf(message: Message, withName: boolean): string {
  if (message.notice) return noticeText(message)
  const own = message.senderId === me.value?.id
  const text = shortText(message)
  return own || withName ? w('row.by', { name: senderName(message), text }) : text
}

export function shortText(message: Message): string {
  if (message.unsent) return w('unsent')
  if (message.unavailable) return w('unavailable')
  if (message.text) return message.text
  const [first] = message.attachments
  if (first?.type === 'media') return w(`sent.${first.media?.type ?? 'media'}`)
  return w(`sent.${first?.type ?? 'media'}`)
}

/** What happened in a group, as a sentence. */
export function noticeText({ sender, senderId, notice }: Message): string {
  if (!notice) return ''
  const own = senderId === me.value?.id
  const name = sender?.username || w('gone')
  const whom = notice.users
    .map(({ id, username }) => (id === me.value?.id ? w('you.object') : username))
    .join(', ')
  return w(`notice.${notice.kind}${own ? '.own' : ''}`, { name, whom, title: notice.name ?? '' })
}
