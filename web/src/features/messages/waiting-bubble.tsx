import type { Conversation } from '@heliograph/contract/messages'
import { locale } from '../../lib/i18n.ts'
import { online } from '../../lib/online.ts'
import { Words } from './bubble.tsx'
import { w } from './messages-words.ts'
import { OutgoingAttachments } from './outgoing-attachments.tsx'
import type { OnItsWay } from './said.ts'
import { discard, outgoing, sendAgain } from './send-queue.ts'
import { answersText, nameById } from './who.ts'

/** What the server does not have yet, and why when it does not want it. */
export function WaitingBubble({ conversation, message }: { conversation: Conversation; message: OnItsWay }) {
  const { clientId, problem, replyTo } = message
  return (
    <li class="talk-line talk-waiting" data-own="true" data-last="true">
      <div class="talk-said">
        <span class="unseen">{w('you')}</span>
        {replyTo ? (
          <span class="talk-quote">
            <span>{answersText(replyTo.senderId, nameById(conversation, replyTo.senderId))}</span>
            <bdi>{replyTo.text || w('attachment')}</bdi>
          </span>
        ) : null}
        <OutgoingAttachments message={message} />
        {message.text ? <Words text={message.text} /> : null}
        {problem === undefined ? (
          <span class="talk-time">{stateOf(message)}</span>
        ) : (
          <div class="talk-failed" role="alert">
            <span>{w('failed', { why: problem })}</span>
            <button
              type="button"
              onClick={() => {
                const failed = outgoing.peek().find((one) => one.clientId === clientId)
                if (failed) sendAgain(failed)
              }}
            >
              {w('again')}
            </button>
            <button type="button" onClick={() => discard(clientId)}>
              {w('discard')}
            </button>
          </div>
        )}
      </div>
    </li>
  )
}

function stateOf(message: OnItsWay): string {
  const { progress } = message
  const state = !online.value
    ? w('waiting')
    : progress === undefined
      ? w('sending')
      : w('sending.part', { part: new Intl.NumberFormat(locale(), { style: 'percent' }).format(progress) })
  return message.isUnkept ? `${state}. ${w('waiting.unkept')}` : state
}
