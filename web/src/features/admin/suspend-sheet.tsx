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
import { Select } from './select.tsx'

const days = { day: 1, week: 7, month: 28 } as const
const lengths = ['day', 'week', 'month', 'open'] as const
/** `kept`: of one that stands, what it is already. */
type Length = (typeof lengths)[number] | 'kept'
const dayMs = 24 * 60 * 60 * 1000

interface SuspendSheetProps {
  account: AdminAccount
  onClose: () => void
  onDone: (now: AdminAccount) => void
}

function endOf(length: Length, { suspension }: AdminAccount): string | null {
  if (length === 'kept') return suspension?.until ?? null
  return length === 'open' ? null : new Date(Date.now() + days[length] * dayMs).toISOString()
}

export function SuspendSheet({ account, onClose, onDone }: SuspendSheetProps) {
  const [reason, setReason] = useState(account.suspension?.reason ?? '')
  const [length, setLength] = useState<Length>(account.suspension ? 'kept' : 'week')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const name = account.username

  async function suspend(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setTried(true)
    if (busy || reason.trim() === '') return
    setBusy(true)
    try {
      onDone(
        await withProof(() =>
          call('PUT /api/admin/accounts/:username/state', {
            params: { username: name },
            body: { state: 'suspended', reason: reason.trim(), until: endOf(length, account) },
          }),
        ),
      )
      toast(a('suspend.done', { name }))
      onClose()
    } catch (error) {
      toast(problemText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Sheet title={a('suspend.title', { name })} onClose={onClose}>
      <form class="admin-form" noValidate onSubmit={(event) => void suspend(event)}>
        <p>{a('suspend.text')}</p>
        <TextArea
          label={a('suspend.reason')}
          hint={a('suspend.reason.hint', { name })}
          error={tried && reason.trim() === '' ? a('suspend.reason.missing') : undefined}
          value={reason}
          rows={3}
          max={limits.suspensionReasonLength}
          onInput={setReason}
        />
        <Select
          label={a('suspend.until')}
          value={length}
          options={(account.suspension ? (['kept', ...lengths] as const) : lengths).map((value) => ({
            value,
            label: a(`suspend.until.${value}`),
          }))}
          onChange={setLength}
        />
        <Button kind="danger" type="submit" wide busy={busy}>
          {a('suspend')}
        </Button>
      </form>
    </Sheet>
  )
}
