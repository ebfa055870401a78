import type { Conversation, Message } from '@heliograph/contract/messages'
import { parseText } from '@heliograph/contract/text'
import { Ellipsis, Reply } from 'lucide-preact'
import { dateLocale } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { fullTime } from '../../lib/time.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { RichText } from '../../ui/rich-text.tsx'
import { Attachments } from './attachments.tsx'
import { noticeText, shortText } from './conversation-row.tsx'
import { react } from './messages-acts.ts'
import { w } from './messages-words.ts'
import { useHeld } from './use-held.ts'
import { answersText, isGone, nameById, senderName } from './who.ts'

interface BubbleProps {
  conversation: Conversation
  message: Message
  first: boolean
  last: boolean
  onReply: (message: Message) => void
  onMore: (message: Message) => void
  onJump: (sequence: number) => void
}

/** A message: whose it is, what it answers, what goes along, its words, and what others made of it. */
export function Bubble(props: BubbleProps) {
  const { conversation, message, first, last, onReply, onMore, onJump } = props
  const own = message.senderId === me.value?.id
  const held = useHeld(() => onMore(message))
  if (message.notice) return <li class="talk-notice">{noticeText(message)}</li>
  const gone = isGone(message)
  const mayOpen = conversation.folder === 'inbox'
  const mayAct = mayOpen && !gone
  const group = conversation.kind === 'group' && !own
  return (
    <li class="talk-line" data-own={own} data-last={last} id={`message-${message.sequence}`} tabIndex={-1}>
      {group ? (
        <span class="talk-face">
          {last && message.sender ? <Avatar user={message.sender} size={32} /> : null}
        </span>
      ) : null}
      <div class="talk-said" {...(mayOpen ? held : {})}>
        <span class={group && first ? 'talk-by' : 'unseen'}>{senderName(message)}</span>
        {message.replyTo ? (
          <Quote conversation={conversation} reply={message.replyTo} onJump={onJump} />
        ) : null}
        {message.attachments.length > 0 ? <Attachments message={message} /> : null}
        {gone ? <p class="talk-bubble talk-gone">{shortText(message)}</p> : null}
        {message.text ? <Words text={message.text} /> : null}
        <Reactions conversation={conversation} message={message} mayAct={mayAct} />
        {last || message.editedAt ? (
          <span class="talk-time">
            <time dateTime={message.createdAt} title={fullTime(message.createdAt, dateLocale())}>
              {clock(message.createdAt)}
            </time>
            {message.editedAt ? ` · ${w('edited')}` : null}
          </span>
        ) : null}
      </div>
      {mayOpen ? (
        <div class="talk-tools">
          {mayAct ? (
            <IconButton
              icon={Reply}
              size={18}
              label={own ? w('reply.own') : w('reply.to', { name: senderName(message) })}
              onClick={() => onReply(message)}
            />
          ) : null}
          <IconButton
            icon={Ellipsis}
            size={18}
            hasPopup
            label={w('more', { name: senderName(message), text: shortText(message).slice(0, 40) })}
            onClick={() => onMore(message)}
          />
        </div>
      ) : null}
    </li>
  )
}

/** One to three emoji and nothing else are shown large, without a bubble. */
const fewEmoji = /^(?:\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Emoji_Modifier}|\u200d|\s){1,12}$/u

export function Words({ text }: { text: string }) {
  if (fewEmoji.test(text) && [...new Intl.Segmenter().segment(text.replace(/\s/gu, ''))].length <= 3)
    return <p class="talk-emoji">{text}</p>
  return (
    <p class="talk-bubble prose" dir="auto">
      <RichText text={text} entities={parseText(text)} alone />
    </p>
  )
}

export function clock(iso: string): string {
  return new Intl.DateTimeFormat(dateLocale(), { timeStyle: 'short' }).format(Date.parse(iso))
}

interface QuoteProps {
  conversation: Conversation
  reply: NonNullable<Message['replyTo']>
  onJump: (sequence: number) => void
}

/** What is answered, above the answer; it leads there. */
export function Quote({ conversation, reply, onJump }: QuoteProps) {
  const text = reply.text || w(reply.hasAttachments ? 'attachment' : 'unavailable')
  return (
    <button type="button" class="talk-quote" onClick={() => onJump(reply.sequence)}>
      <span>{answersText(reply.senderId, nameById(conversation, reply.senderId))}</span>
      <bdi>{text}</bdi>
    </button>
  )
}

interface ReactionsProps {
  conversation: Conversation
  message: Message
  mayAct: boolean
}

function Reactions({ conversation, message, mayAct }: ReactionsProps) {
  if (message.reactions.length === 0) return null
  const byEmoji = new Map<string, string[]>()
  for (const { emoji, userId } of message.reactions)
    byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), userId])
  return (
    <span class="talk-reactions">
      {[...byEmoji].map(([emoji, users]) => {
        const names = users.map((id) => nameById(conversation, id)).join(', ')
        return (
          <button
            key={emoji}
            type="button"
            disabled={!mayAct}
            aria-pressed={users.includes(me.value?.id ?? '')}
            aria-label={w('reaction.by', { emoji, names })}
            title={names}
            onClick={() => void react(message, emoji)}
          >
            {emoji}
            {users.length > 1 ? <span>{users.length}</span> : null}
          </button>
        )
      })}
    </span>
  )
}
