import type { Conversation, Message } from '@heliograph/contract/messages'
import { me } from '../../lib/session.ts'
import { w } from './messages-words.ts'
import type { Thread } from './thread.ts'
import { typingIn } from './typing.ts'
import { nameById } from './who.ts'

interface TalkFootProps {
  conversation: Conversation
  thread: Thread
  hasWaiting: boolean
}

/** Beneath the newest: whether it was seen, and who is writing. */
export function TalkFoot({ conversation, thread, hasWaiting }: TalkFootProps) {
  const newest = thread.messages.value.at(-1)
  const typing = typingIn(conversation.id).filter((id) => id !== me.value?.id)
  const seen = newest && !hasWaiting ? seenText(conversation, newest) : ''
  return (
    <div class="talk-foot">
      {seen ? <p class="talk-seen">{seen}</p> : null}
      {typing.length > 0 ? (
        <p class="talk-typing">
          <span class="talk-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class={conversation.kind === 'direct' ? 'unseen' : ''}>
            {typing.length === 1
              ? w('typing.one', { name: nameById(conversation, typing[0] ?? '') })
              : w('typing.more', { count: typing.length })}
          </span>
        </p>
      ) : null}
    </div>
  )
}

function seenText(conversation: Conversation, { senderId, sequence, notice, unsent }: Message): string {
  if (senderId !== me.value?.id || notice || unsent) return ''
  const others = conversation.members.filter(({ userId }) => userId !== me.value?.id)
  const readers = others.filter(({ readSequence }) => (readSequence ?? -1) >= sequence)
  if (readers.length === 0) return w('sent')
  if (conversation.kind === 'direct') return w('seen')
  if (readers.length === others.length) return w('seen.all')
  const [first] = readers
  const name = nameById(conversation, first?.userId ?? '')
  return readers.length === 1 ? w('seen.one', { name }) : w('seen.more', { name, count: readers.length - 1 })
}
