import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { PasswordField } from './password-field.tsx'
import { authProblem } from './sign-in-form.tsx'

export function ProofSheet({ onAnswer }: { onAnswer: (given: boolean) => void }) {
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (busy || !password) return
    setBusy(true)
    try {
      await call('POST /api/me/proof', { body: { password } })
      onAnswer(true)
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }

  return (
    <Sheet title={t('auth.proof.title')} onClose={() => onAnswer(false)}>
      <form class="sheet-form" noValidate onSubmit={(event) => void submit(event)}>
        <p class="quiet">{t('auth.proof.text')}</p>
        {/* Password managers look for the name that the password belongs to. */}
        <input
          type="text"
          name="username"
          autocomplete="username"
          value={me.value?.username ?? ''}
          hidden
          readOnly
        />
        <PasswordField
          label={t('auth.password')}
          autoComplete="current-password"
          value={password}
          onInput={(value) => {
            setPassword(value)
            setProblem(undefined)
          }}
          error={problem ? authProblem(problem) : undefined}
        />
        <Button kind="primary" type="submit" wide busy={busy} disabled={!password}>
          {t('auth.proof.go')}
        </Button>
      </form>
    </Sheet>
  )
}
