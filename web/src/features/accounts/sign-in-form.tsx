import type { SecondFactorNeeded } from '@heliograph/contract/second-factors'
import { useState } from 'preact/hooks'
import { isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { signIn } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { authProblem } from './auth-problem.ts'
import { PasskeyButton } from './passkey-button.tsx'
import { PasswordField } from './password-field.tsx'

export function SignInForm({ onDone }: { onDone: () => void }) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const [needed, setNeeded] = useState<SecondFactorNeeded | undefined>(undefined)

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setTried(true)
    if (busy || !login.trim() || !password) return
    setBusy(true)
    setProblem(undefined)
    try {
      await signIn(login.trim(), password)
      onDone()
    } catch (error) {
      if (isProblem(error, 'auth.second_factor_needed')) setNeeded(error.document as SecondFactorNeeded)
      else setProblem(error)
    } finally {
      setBusy(false)
    }
  }

  function startOver(reason?: unknown): void {
    setNeeded(undefined)
    setPassword('')
    setTried(false)
    setProblem(reason)
  }

  if (needed)
    return (
      <Lazy load={loadSecondStep} props={{ needed, onDone, onStartOver: startOver }} onFailed={startOver} />
    )

  return (
    <form class="auth-form" noValidate onSubmit={(event) => void submit(event)}>
      <TextField
        label={t('auth.login')}
        name="username"
        autoComplete="username webauthn"
        autoCapitalize="none"
        value={login}
        onInput={setLogin}
        error={tried && !login.trim() ? t('auth.error.empty') : undefined}
      />
      <PasswordField
        label={t('auth.password')}
        autoComplete="current-password"
        value={password}
        onInput={setPassword}
        error={tried && !password ? t('auth.error.empty') : undefined}
      />
      {problem ? (
        <p class="auth-problem" role="alert">
          {authProblem(problem)}
        </p>
      ) : null}
      <Button kind="primary" type="submit" wide busy={busy}>
        {t('auth.signIn')}
      </Button>
      <PasskeyButton onDone={onDone} onProblem={setProblem} />
    </form>
  )
}

async function loadSecondStep() {
  const [{ SecondStep }, { secondStepWords }] = await Promise.all([
    import('./second-step.tsx'),
    import('./second-step-words.ts'),
  ])
  await secondStepWords.load()
  return SecondStep
}
