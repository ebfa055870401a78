import type { Language } from '@heliograph/contract/preferences'
import type { MessageNews } from '#modules/messages'
import type { Id } from '#platform/ids/ids.ts'
import { shorten } from '../notifications-view.ts'
import type { PushMessage } from './push-sender.ts'

/** Who wrote, and how much; what they wrote, and what a group is called, for those alone who want it where others may look on. */
export function messagePushOf(
  news: MessageNews,
  { language, pushText }: { language: Language; pushText: boolean },
  { conversationId, unreadCount }: { conversationId: Id; unreadCount: number },
): PushMessage {
  const [newest] = news.messages
  const { sender, text } = newest!
  const who = sender.fullName || `@${sender.username}`
  const line = pushText ? shorten(text) : ''
  const isOfSeveral = news.kind === 'group' && news.messages.length > 1
  return {
    title: titleOf(news, who, pushText, language),
    body: line !== '' && isOfSeveral ? `${who}: ${line}` : line,
    path: `/messages/${conversationId}`,
    unreadCount,
    id: String(news.sequence),
    tag: `messages-${conversationId}`,
  }
}

function titleOf(
  { kind, name, messages }: MessageNews,
  who: string,
  pushText: boolean,
  language: Language,
): string {
  const words = catalogue[language]
  const group = (pushText && name) || words.group
  const count = messages.length
  if (kind === 'group') return count > 1 ? words.manyIn(count, group) : words.oneIn(who, group)
  if (count > 1) return words.many(count, who)
  return messages[0]!.isStoryReply ? words.storyReply(who) : words.one(who)
}

interface Catalogue {
  /** Where its name is not told. */
  group: string
  one(who: string): string
  many(count: number, who: string): string
  oneIn(who: string, group: string): string
  manyIn(count: number, group: string): string
  storyReply(who: string): string
}

const catalogue: Record<Language, Catalogue> = {
  en: {
    group: 'a group',
    one: (who) => `${who} sent you a message`,
    many: (count, who) => `${count} new messages from ${who}`,
    oneIn: (who, group) => `${who} wrote in ${group}`,
    manyIn: (count, group) => `${count} new messages in ${group}`,
    storyReply: (who) => `${who} replied to your Story`,
  },
  de: {
    group: 'einer Gruppe',
    one: (who) => `${who} hat dir geschrieben`,
    many: (count, who) => `${count} neue Nachrichten von ${who}`,
    oneIn: (who, group) => `${who} hat in ${group} geschrieben`,
    manyIn: (count, group) => `${count} neue Nachrichten in ${group}`,
    storyReply: (who) => `${who} hat auf deine Story geantwortet`,
  },
}
