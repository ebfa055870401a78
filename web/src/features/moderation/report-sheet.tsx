import { limits } from '@heliograph/contract/limits'
import type { ReportReason } from '@heliograph/contract/moderation'
import { HeartHandshake } from 'lucide-preact'
import { useId, useState } from 'preact/hooks'
import { call, newIdempotencyKey } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { userSignal } from '../../lib/store.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { block } from '../people/people-actions.ts'
import { w } from './report-words.ts'
import type { Reported } from './reported.ts'
import './report-sheet.css'

const reasons: readonly ReportReason[] = [
  'nudity',
  'violence',
  'hate',
  'harassment',
  'self_harm',
  'spam',
  'scam',
  'impersonation',
  'rights',
  'other',
]

interface ReportSheetProps {
  what: Reported
  onClose: () => void
}

/** What is wrong, a word more if one wants, and a thank-you. */
export function ReportSheet({ what, onClose }: ReportSheetProps) {
  const [sent, setSent] = useState(false)
  const name = what.author.username
  const title = what.kind === 'account' ? w('title.account', { name }) : w(`title.${what.kind}`)
  return (
    <Sheet title={title} onClose={onClose}>
      {sent ? <Thanks what={what} onClose={onClose} /> : <Form what={what} onSent={() => setSent(true)} />}
    </Sheet>
  )
}

function Form({ what, onSent }: { what: Reported; onSent: () => void }) {
  const [reason, setReason] = useState<ReportReason | undefined>(undefined)
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [key] = useState(newIdempotencyKey)
  const group = useId()

  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (!reason) return setProblem(w('choose'))
    setBusy(true)
    try {
      const about = note.trim() === '' ? { reason } : { reason, note: note.trim() }
      await call('POST /api/reports', { body: { ...subjectOf(what), ...about }, idempotencyKey: key })
      onSent()
    } catch (error) {
      setProblem(problemText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <form class="report" onSubmit={(event) => void send(event)}>
      <fieldset>
        <legend>{w(what.kind === 'account' ? 'why.account' : 'why')}</legend>
        {reasons.map((one) => (
          <label key={one} class="report-reason">
            <input
              type="radio"
              name={group}
              value={one}
              checked={reason === one}
              onChange={() => {
                setReason(one)
                setProblem('')
              }}
            />
            {w(one)}
          </label>
        ))}
      </fieldset>
      <TextArea
        label={w('note')}
        hint={w('hint', { name: what.author.username })}
        value={note}
        rows={2}
        max={limits.moderationNoteLength}
        onInput={setNote}
      />
      {problem ? (
        <p class="field-error" role="alert">
          {problem}
        </p>
      ) : null}
      <Button kind="primary" type="submit" wide busy={busy}>
        {w('send')}
      </Button>
    </form>
  )
}

function subjectOf(what: Reported) {
  switch (what.kind) {
    case 'post':
      return { postId: what.postId }
    case 'comment':
      return { postId: what.postId, commentId: what.commentId }
    case 'message':
      return { messageId: what.messageId }
    case 'story':
      return { storyId: what.storyId }
    case 'account':
      return { username: what.author.username }
  }
}

function Thanks({ what, onClose }: ReportSheetProps) {
  const { author } = what
  const known = userSignal(author.id).value
  const blocked = known?.relationship?.blocking === true
  return (
    <div class="report-thanks" role="status">
      <Notice icon={HeartHandshake} title={w('thanks.title')}>
        {w('thanks.text')}
      </Notice>
      <Button kind="primary" wide onClick={onClose}>
        {t('ui.done')}
      </Button>
      {known && !blocked ? (
        <>
          <Button
            kind="quiet"
            wide
            onClick={() => {
              onClose()
              void block(known)
            }}
          >
            {w('block', { name: author.username })}
          </Button>
          <p class="quiet">{w('block.hint')}</p>
        </>
      ) : null}
    </div>
  )
}
