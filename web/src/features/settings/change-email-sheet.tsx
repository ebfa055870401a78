import type { Me } from '@heliograph/contract/accounts'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { refreshMe } from '../../lib/session.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { toast } from '../../ui/toast.tsx'
import { w } from './settings-words.ts'

export function ChangeEmailSheet({ user, onClose }: { user: Me; onClose: () => void }) {
  const [email, setEmail] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const isAddress = /^[^\s@]+@[^\s@]+$/.test(email.trim())

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (busy || !isAddress) return
    setBusy(true)
    try {
      await withProof(() => call('PUT /api/me/email', { body: { email: email.trim() } }))
      await refreshMe()
      toast(w('safe.email.sent'))
      onClose()
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }

  return (
    <Sheet title={w('safe.email.change')} onClose={onClose}>
      <form class="sheet-form" noValidate onSubmit={(event) => void save(event)}>
        <p class="quiet">{w('safe.email.change.text', { email: user.email })}</p>
        <TextField
          label={w('safe.email.new')}
          name="email"
          type="email"
          autoComplete="email"
          autoCapitalize="none"
          value={email}
          onInput={(value) => {
            setEmail(value)
            setProblem(undefined)
          }}
          error={problem ? problemText(problem) || undefined : undefined}
        />
        <Button kind="primary" type="submit" wide busy={busy} disabled={!isAddress}>
          {w('safe.email.change.go')}
        </Button>
      </form>
    </Sheet>
  )
}
