import { limits } from '@heliograph/contract/limits'
import { useState } from 'preact/hooks'
import { problemText } from '../../lib/problem-text.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { a } from './admin-words.ts'

interface ReasonFormProps {
  text: string
  label: string
  button: string
  danger?: boolean
  /** What is done with the reason; a refusal is said. */
  act: (reason: string) => Promise<void>
}

/** What follows, why one does it, and the button. */
export function ReasonForm({ text, label, button, danger, act }: ReasonFormProps) {
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setTried(true)
    if (busy || reason.trim() === '') return
    setBusy(true)
    try {
      await withProof(() => act(reason.trim()))
    } catch (error) {
      toast(problemText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <form class="admin-form" noValidate onSubmit={(event) => void submit(event)}>
      <p>{text}</p>
      <TextArea
        label={label}
        error={tried && reason.trim() === '' ? a('suspend.reason.missing') : undefined}
        value={reason}
        rows={2}
        max={limits.suspensionReasonLength}
        onInput={setReason}
      />
      <Button kind={danger ? 'danger' : 'strong'} type="submit" wide busy={busy}>
        {button}
      </Button>
    </form>
  )
}
