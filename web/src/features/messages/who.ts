import type { UserSummary } from '@heliograph/contract/accounts'
import type { Id } from '@heliograph/contract/common'
import type { Activity, Conversation, Message } from '@heliograph/contract/messages'
import { dateLocale, locale } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { timeAgo } from '../../lib/time.ts'
import { w } from './messages-words.ts'

const gone: UserSummary = { id: '0', username: '', fullName: '', avatarUrl: null, isVerified: false }

/** The others of a conversation who are there for the reader. */
export function othersOf({ members }: Conversation): UserSummary[] {
  return members.filter(({ userId }) => userId !== me.value?.id).map(({ user }) => user ?? gone)
}

/** Its name, else who is in it. */
export function titleOf(conversation: Conversation): string {
  if (conversation.name) return conversation.name
  const names = othersOf(conversation).map(nameOf)
  if (names.length === 0) return w(conversation.kind === 'group' ? 'group.alone' : 'gone')
  const shown = names.length > 4 ? [...names.slice(0, 3), w('others', { count: names.length - 3 })] : names
  return new Intl.ListFormat(locale(), { style: 'short', type: 'unit' }).format(shown)
}

export function nameOf(user: UserSummary | null): string {
  return user?.username || w('gone')
}

/** Of the sender, as the conversation and the message itself know them. */
export function senderName(message: Message): string {
  return message.senderId === me.value?.id ? w('you') : nameOf(message.sender)
}

/** Nothing is left of it but its place. */
export function isGone({ unsent, unavailable }: Message): boolean {
  return unsent || unavailable
}

/** "In reply to ana", and to you. */
export function answersText(senderId: Id, name: string): string {
  return w('answers', { name: senderId === me.value?.id ? w('you.object') : name })
}

export function nameById(conversation: Conversation, userId: Id): string {
  if (userId === me.value?.id) return w('you')
  return nameOf(conversation.members.find((one) => one.userId === userId)?.user ?? null)
}

/** "Active now", "Active 5 min ago"; nothing where it is not told. */
export function activityText(activity: Activity | null | undefined, now = Date.now()): string {
  if (!activity) return ''
  const ago = timeAgo(activity.lastActiveAt, now, dateLocale())
  return activity.isActive || ago === undefined ? w('active.now') : w('active.ago', { ago })
}
