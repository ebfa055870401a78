import type { AdminAccount } from '@heliograph/contract/admin'
import { limits } from '@heliograph/contract/limits'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { toast } from '../../ui/toast.tsx'
import { a } from './admin-words.ts'

interface EmailSheetProps {
  account: AdminAccount
  onClose: () => void
  onSeen: () => void
}

/** The address stays in this sheet: nothing keeps it once it is closed. */
export function EmailSheet({ account, onClose, onSeen }: EmailSheetProps) {
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [seen, setSeen] = useState<{ email: string; emailVerified: boolean }>()

  async function look(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setTried(true)
    if (busy || reason.trim() === '') return
    setBusy(true)
    try {
      const answer = await withProof(() =>
        call('POST /api/admin/accounts/:username/email-look', {
          params: { username: account.username },
          body: { reason: reason.trim() },
        }),
      )
      setSeen(answer)
      onSeen()
    } catch (error) {
      toast(problemText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Sheet title={a('email.title', { name: account.username })} onClose={onClose}>
      {seen ? (
        <div class="admin-form" role="status">
          <p class="admin-address">{seen.email}</p>
          <p class="quiet">{a(seen.emailVerified ? 'email.proven' : 'email.unproven')}</p>
        </div>
      ) : (
        <form class="admin-form" noValidate onSubmit={(event) => void look(event)}>
          <p>{a('email.text')}</p>
          <TextArea
            label={a('email.reason')}
            error={tried && reason.trim() === '' ? a('suspend.reason.missing') : undefined}
            value={reason}
            rows={2}
            max={limits.suspensionReasonLength}
            onInput={setReason}
          />
          <Button kind="strong" type="submit" wide busy={busy}>
            {a('email.show')}
          </Button>
        </form>
      )}
    </Sheet>
  )
}
