import type { Conversation } from '@heliograph/contract/messages'
import { useState } from 'preact/hooks'
import { navigate } from '../../lib/navigation.ts'
import { Button } from '../../ui/button.tsx'
import { openReport } from '../moderation/reporting.tsx'
import { accept, blockPerson, deleteConversation } from './messages-acts.ts'
import { w } from './messages-words.ts'
import { othersOf, titleOf } from './who.ts'

/** In place of the field: until one has accepted, the other one learns nothing. */
export function RequestBar({ conversation }: { conversation: Conversation }) {
  const [busy, setBusy] = useState(false)
  const [other] = othersOf(conversation)
  const direct = conversation.kind === 'direct' && other?.username

  async function take(): Promise<void> {
    setBusy(true)
    await accept(conversation)
    setBusy(false)
  }

  async function refuse(): Promise<void> {
    if (await deleteConversation(conversation)) navigate('/messages/requests', { replace: true })
  }

  async function blockThem(): Promise<void> {
    if (other && (await blockPerson(other))) navigate('/messages/requests', { replace: true })
  }

  return (
    <section class="request-bar" aria-label={w('request.label')}>
      <p>
        {direct
          ? w('request.text', { name: other.username })
          : w('request.group', { name: titleOf(conversation) })}
      </p>
      <div class="request-acts">
        <Button kind="primary" busy={busy} onClick={() => void take()}>
          {w('request.accept')}
        </Button>
        <Button onClick={() => void refuse()}>{w('delete')}</Button>
        {direct ? (
          <>
            <Button kind="danger" onClick={() => void blockThem()}>
              {w('block')}
            </Button>
            <Button kind="quiet" onClick={() => openReport({ kind: 'account', author: other })}>
              {w('report')}
            </Button>
          </>
        ) : null}
      </div>
    </section>
  )
}
