import type { Conversation, Message } from '@heliograph/contract/messages'
import { ArrowDown } from 'lucide-preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { dateLocale } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Icon } from '../../ui/icon.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { announce } from '../../ui/toast.tsx'
import { Bubble } from './bubble.tsx'
import { shortText } from './conversation-row.tsx'
import { w } from './messages-words.ts'
import { saidIn } from './said.ts'
import { outgoing } from './send-queue.ts'
import { TalkBeginning } from './talk-beginning.tsx'
import { TalkFoot } from './talk-foot.tsx'
import type { Thread } from './thread.ts'
import { dayText, rowsOf } from './thread-rows.ts'
import { useThreadScroll } from './use-thread-scroll.ts'
import { WaitingBubble } from './waiting-bubble.tsx'
import { senderName } from './who.ts'

interface ThreadViewProps {
  conversation: Conversation
  thread: Thread
  onReply: (message: Message) => void
  onMore: (message: Message) => void
}

/** What was said, oldest on top, with the newest in sight. */
export function ThreadView({ conversation, thread, onReply, onMore }: ThreadViewProps) {
  const messages = thread.messages.value
  const waiting = outgoing.value.filter((one) => one.conversationId === conversation.id)
  const rows = useMemo(() => rowsOf(saidIn(messages, waiting), placedOf), [messages, outgoing.value])
  const { log, top, isAtEnd, toEnd } = useThreadScroll(thread, rows)
  const [seenUpTo, setSeenUpTo] = useState(0)
  const newest = messages.at(-1)
  useAnnounced(newest)
  useEffect(() => {
    if (isAtEnd && newest) setSeenUpTo(newest.sequence)
  }, [isAtEnd, newest])

  async function jump(sequence: number): Promise<void> {
    // What lies further back is read until it is there.
    for (let asked = 0; asked < 10 && thread.hasOlder.value; asked++) {
      if ((thread.messages.value[0]?.sequence ?? 0) <= sequence) break
      await thread.older()
    }
    requestAnimationFrame(() => {
      const line = document.getElementById(`message-${sequence}`)
      line?.scrollIntoView({ block: 'center' })
      line?.focus({ preventScroll: true })
    })
  }

  const unseen = newest && newest.sequence > seenUpTo && newest.senderId !== me.value?.id
  return (
    <div class="talk-middle">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys */}
      <div ref={log} class="talk-log" role="log" aria-live="off" aria-label={w('log')} tabIndex={0}>
        <div ref={top} />
        {thread.hasOlder.value ? null : <TalkBeginning conversation={conversation} />}
        {thread.status.value === 'error' ? (
          <ProblemNotice error={thread.problem.value} onRetry={() => void thread.catchUp()} />
        ) : null}
        {thread.status.value === 'loading' ? <ThreadSkeleton /> : null}
        <ol class="talk-lines">
          {rows.map((row) => {
            if (row.kind === 'day') {
              return (
                <li key={row.key} class="talk-day">
                  {dayText(row.at, Date.now(), dateLocale())}
                </li>
              )
            }
            const { message, waiting: mine } = row.item
            return message ? (
              <Bubble
                key={row.key}
                conversation={conversation}
                message={message}
                first={row.first}
                last={row.last}
                onReply={onReply}
                onMore={onMore}
                onJump={(sequence) => void jump(sequence)}
              />
            ) : (
              <WaitingBubble key={row.key} conversation={conversation} message={mine} />
            )
          })}
        </ol>
        <TalkFoot conversation={conversation} thread={thread} hasWaiting={waiting.length > 0} />
      </div>
      {!isAtEnd && unseen ? (
        <button type="button" class="talk-new" onClick={toEnd}>
          <Icon of={ArrowDown} size={18} />
          {w('new')}
        </button>
      ) : null}
    </div>
  )
}

function placedOf({ key, senderId, at, message }: ReturnType<typeof saidIn>[number]) {
  return { key, at, senderId: message?.notice ? null : senderId }
}

/** Said once it is there; what was read when one came is not said again. */
function useAnnounced(newest: Message | undefined): void {
  const before = useRef<number | undefined>(undefined)
  useEffect(() => {
    if (!newest) return
    const isNew = before.current !== undefined && newest.sequence > before.current
    before.current = newest.sequence
    if (isNew && newest.senderId !== me.peek()?.id)
      announce(w('said', { name: senderName(newest), text: shortText(newest) }))
  }, [newest])
}

export function ThreadSkeleton() {
  return (
    <div class="talk-skeleton" aria-hidden="true">
      {[60, 40, 75, 30, 55].map((width, at) => (
        <span key={width} class="skeleton" data-own={at % 3 === 1} style={{ inlineSize: `${width}%` }} />
      ))}
    </div>
  )
}
