import { limits } from '@heliograph/contract/limits'
import { ChevronRight } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { toast } from '../../ui/toast.tsx'
import { HiddenUsername } from '../accounts/hidden-username.tsx'
import { w } from './settings-words.ts'

export function PasswordForm() {
  const [open, setOpen] = useState(false)
  const [currentPassword, setCurrent] = useState('')
  const [newPassword, setNew] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()

  if (!open) {
    return (
      <button type="button" class="settings-row" onClick={() => setOpen(true)}>
        {w('safe.password')}
        <Icon of={ChevronRight} size={20} />
      </button>
    )
  }

  async function save(event: Event): Promise<void> {
    event.preventDefault()
    setBusy(true)
    try {
      await withProof(() => call('PUT /api/me/password', { body: { currentPassword, newPassword } }))
      toast(w('safe.password.done'))
      setOpen(false)
      setCurrent('')
      setNew('')
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }

  const isOldWrong = isProblem(problem, 'auth.wrong_credentials')
  return (
    <form class="settings-form" onSubmit={(event) => void save(event)}>
      <HiddenUsername />
      <TextField
        label={w('safe.password.old')}
        type="password"
        autoComplete="current-password"
        required
        error={isOldWrong ? w('safe.password.wrong') : undefined}
        value={currentPassword}
        onInput={(value) => {
          setCurrent(value)
          setProblem(undefined)
        }}
      />
      <TextField
        label={w('safe.password.new')}
        type="password"
        autoComplete="new-password"
        required
        hint={w('safe.password.hint')}
        error={problem && !isOldWrong ? problemText(problem) : undefined}
        value={newPassword}
        onInput={(value) => {
          setNew(value)
          setProblem(undefined)
        }}
      />
      <Button
        kind="primary"
        type="submit"
        busy={busy}
        disabled={currentPassword === '' || newPassword.length < limits.passwordMin}
      >
        {w('safe.password.save')}
      </Button>
    </form>
  )
}
