import type { Conversation, Message } from '@heliograph/contract/messages'
import { Info, MessageCircleOff } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { isProblem } from '../../lib/api.ts'
import { online } from '../../lib/online.ts'
import { me } from '../../lib/session.ts'
import type { PageProps } from '../../shell/page-props.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { conversationSignal, readConversation, watchConversations } from './conversations.ts'
import { Faces } from './faces.tsx'
import { MessageMenu } from './message-menu.tsx'
import { MessagesFrame, TalkHead } from './messages-frame.tsx'
import { w } from './messages-words.ts'
import { RequestBar } from './request-bar.tsx'
import { type Thread, threadOf } from './thread.ts'
import { ThreadSkeleton, ThreadView } from './thread-view.tsx'
import { stoppedTyping } from './typing.ts'
import { useSeen } from './use-seen.ts'
import { useTypingAnywhere } from './use-typing-anywhere.ts'
import { VerifiedOther } from './verified-other.tsx'
import { activityText, othersOf, titleOf } from './who.ts'
import { type About, Writer } from './writer.tsx'

const activityMs = 60_000

export function ConversationPage({ params }: PageProps) {
  const id = params.id ?? ''
  const conversation = conversationSignal(id).value
  const [problem, setProblem] = useState<unknown>()
  const [asked, setAsked] = useState(0)
  const thread = threadOf(id)
  useSeen(conversation ?? undefined, thread)

  useEffect(() => {
    watchConversations()
    const stop = new AbortController()
    setProblem(undefined)
    void thread.catchUp()
    readConversation(id, stop.signal).catch((error) => {
      if (!isProblem(error, 'client.aborted')) setProblem(error)
    })
    return () => stop.abort()
  }, [id, asked])

  // When somebody was here last is told by no event.
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && online.peek())
        void readConversation(id).catch(() => undefined)
    }, activityMs)
    return () => clearInterval(timer)
  }, [id])

  // Whose message is here has stopped writing it.
  const newest = thread.messages.value.at(-1)
  useEffect(() => {
    if (newest) stoppedTyping(id, newest.senderId)
  }, [newest?.sequence])

  if (conversation === null) return <Gone />
  if (!conversation) {
    return (
      <MessagesFrame title={w('title')}>
        <TalkHead title={w('title')} />
        {problem ? (
          <ProblemNotice error={problem} onRetry={() => setAsked(asked + 1)} />
        ) : (
          <div class="talk-log">
            <ThreadSkeleton />
          </div>
        )}
      </MessagesFrame>
    )
  }
  return (
    <MessagesFrame title={titleOf(conversation)}>
      <Talk conversation={conversation} thread={thread} />
    </MessagesFrame>
  )
}

function Talk({ conversation, thread }: { conversation: Conversation; thread: Thread }) {
  const area = useRef<HTMLTextAreaElement>(null)
  const [about, setAbout] = useState<About>(undefined)
  const [open, setOpen] = useState<Message | undefined>(undefined)
  useTypingAnywhere(area)
  const isRequest = conversation.folder === 'requests'
  return (
    <>
      <Head conversation={conversation} />
      <ThreadView
        conversation={conversation}
        thread={thread}
        onReply={(message) => setAbout({ kind: 'reply', message })}
        onMore={setOpen}
      />
      {isRequest ? <RequestBar conversation={conversation} /> : null}
      {!isRequest && conversation.mayWrite ? (
        <Writer conversation={conversation} area={area} about={about} onAbout={setAbout} />
      ) : null}
      {isRequest || conversation.mayWrite ? null : (
        <p class="writer writer-closed quiet">{w('mayNotWrite')}</p>
      )}
      {open ? (
        <MessageMenu
          message={thread.messages.value.find(({ id }) => id === open.id) ?? open}
          onReply={() => setAbout({ kind: 'reply', message: open })}
          onEdit={() => setAbout({ kind: 'edit', message: open })}
          onClose={() => setOpen(undefined)}
        />
      ) : null}
    </>
  )
}

/** With whom, and whether they are here; it leads to everything else about the conversation. */
function Head({ conversation }: { conversation: Conversation }) {
  const details = `/messages/${conversation.id}/details`
  const other = conversation.members.find(({ userId }) => userId !== me.value?.id)
  const direct = conversation.kind === 'direct'
  const line = direct
    ? activityText(other?.activity) || (othersOf(conversation)[0]?.fullName ?? '')
    : w('members', { count: conversation.members.length })
  return (
    <TalkHead
      title={
        <span class="talk-title">
          <Faces conversation={conversation} size={40} />
          <span class="person-names">
            <span class="talk-name">
              <bdi>{titleOf(conversation)}</bdi>
              <VerifiedOther conversation={conversation} />
            </span>
            {line ? <span class="talk-line-below">{line}</span> : null}
          </span>
        </span>
      }
    >
      <IconButton icon={Info} label={w('details')} href={details} />
    </TalkHead>
  )
}

function Gone() {
  return (
    <MessagesFrame title={w('notFound.title')}>
      <TalkHead title={w('title')} />
      <Notice icon={MessageCircleOff} title={w('notFound.title')}>
        {w('notFound.text')}
      </Notice>
    </MessagesFrame>
  )
}
