import type { PasskeyRequest } from '@heliograph/contract/second-factors'
import { useEffect, useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { passkeysWork } from '../../lib/passkeys-work.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { authProblem } from './auth-problem.ts'
import { HiddenUsername } from './hidden-username.tsx'
import { PasswordField } from './password-field.tsx'

export function ProofSheet({ onAnswer }: { onAnswer: (given: boolean) => void }) {
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()

  const [request, setRequest] = useState<PasskeyRequest | null>(null)

  useEffect(() => {
    // Without an answer the password is there all the same.
    if (passkeysWork())
      void call('POST /api/me/proof-challenges').then(({ passkey }) => setRequest(passkey), ignore)
  }, [])

  async function showPasskey(asked: PasskeyRequest): Promise<void> {
    setBusy(true)
    setProblem(undefined)
    try {
      const { showPasskey: show } = await import('../../lib/passkeys.ts')
      await call('POST /api/me/proof', { body: { passkey: await show(asked) } })
      onAnswer(true)
    } catch (error) {
      if (!isProblem(error, 'client.aborted')) setProblem(error)
      setBusy(false)
    }
  }

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
        <HiddenUsername />
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
        {request ? (
          <Button wide busy={busy} onClick={() => void showPasskey(request)}>
            {t('auth.proof.passkey')}
          </Button>
        ) : null}
      </form>
    </Sheet>
  )
}

function ignore(): void {}
