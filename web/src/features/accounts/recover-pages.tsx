import { limits } from '@heliograph/contract/limits'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { navigate, place } from '../../lib/navigation.ts'
import { me } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { AuthPage } from './auth-page.tsx'
import { authProblem } from './auth-problem.ts'
import { w } from './door-words.ts'
import { PasswordField } from './password-field.tsx'

/** Behind the #: servers and other sites are not told the code. */
const inHash = (name: string) => new URLSearchParams(place.value.hash.slice(1)).get(name)
const codeOf = () => inHash('code')

/** One button's work: busy while it runs, what went wrong after. */
function useAct(): { busy: boolean; problem: unknown; act: (work: () => Promise<void>) => Promise<void> } {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  return {
    busy,
    problem,
    async act(work) {
      if (busy) return
      setBusy(true)
      setProblem(undefined)
      await work().catch(setProblem)
      setBusy(false)
    },
  }
}

function Problem({ of: problem }: { of: unknown }) {
  return problem ? (
    <p class="auth-problem" role="alert">
      {authProblem(problem)}
    </p>
  ) : null
}

export function ForgotPage() {
  const [login, setLogin] = useState(me.value?.username ?? '')
  const [sent, setSent] = useState(false)
  const { busy, problem, act } = useAct()
  if (sent)
    return (
      <AuthPage title={w('forgot.sent.title')} lead={w('forgot.sent.text')}>
        <BackToSignIn />
      </AuthPage>
    )
  const send = async () => {
    await call('POST /api/password-resets', { body: { login: login.trim() } })
    setSent(true)
  }
  return (
    <AuthPage title={w('forgot.title')} lead={w('forgot.text')}>
      <form
        class="auth-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (login.trim()) void act(send)
        }}
      >
        <TextField
          label={t('auth.login')}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          value={login}
          onInput={setLogin}
        />
        <Problem of={problem} />
        <Button kind="primary" type="submit" wide busy={busy} disabled={!login.trim()}>
          {w('forgot.go')}
        </Button>
      </form>
      <BackToSignIn />
    </AuthPage>
  )
}

export function ResetPage() {
  const code = codeOf()
  const [newPassword, setPassword] = useState('')
  const [done, setDone] = useState(false)
  const { busy, problem, act } = useAct()
  if (!code) return <NoLink />
  if (done)
    return (
      <AuthPage title={w('reset.done.title')} lead={w('reset.done.text')}>
        <p class="auth-other">
          <Button kind="primary" wide href="/signin">
            {t('auth.signIn')}
          </Button>
        </p>
      </AuthPage>
    )
  const save = async () => {
    await call('POST /api/password-resets/use', { body: { code, newPassword, cookie: true } })
    setDone(true)
  }
  return (
    <AuthPage title={w('reset.title')} lead={w('reset.text')}>
      <form
        class="auth-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (newPassword.length >= limits.passwordMin) void act(save)
        }}
      >
        <PasswordField
          label={w('reset.field')}
          hint={t('auth.password.hint')}
          autoComplete="new-password"
          value={newPassword}
          onInput={setPassword}
        />
        <Problem of={problem} />
        <Button
          kind="primary"
          type="submit"
          wide
          busy={busy}
          disabled={newPassword.length < limits.passwordMin}
        >
          {w('reset.go')}
        </Button>
      </form>
    </AuthPage>
  )
}

/** A click of one's own: what only opens links, to look for danger in them, changes nothing. */
export function UndoEmailPage() {
  const code = codeOf()
  const isFactor = inHash('for') === 'factor'
  const { busy, problem, act } = useAct()
  if (!code) return <NoLink />
  const undo = async () => {
    const { resetCode } = await call('POST /api/email-undos', { body: { code } })
    navigate(`/reset#code=${resetCode}`, { replace: true })
  }
  return (
    <AuthPage
      title={w(isFactor ? 'undo.factor.title' : 'undo.title')}
      lead={w(isFactor ? 'undo.factor.text' : 'undo.text')}
    >
      <div class="auth-form">
        <Problem of={problem} />
        <Button kind="primary" wide busy={busy} onClick={() => void act(undo)}>
          {w(isFactor ? 'undo.factor.go' : 'undo.go')}
        </Button>
      </div>
    </AuthPage>
  )
}

export function WaitingPage() {
  return (
    <AuthPage title={w('waiting.title')} lead={w('waiting.text')}>
      <BackToSignIn />
    </AuthPage>
  )
}

function NoLink() {
  return (
    <AuthPage title={w('link.none.title')} lead={w('link.none.text')}>
      <p class="auth-other">
        <a class="text-link" href="/forgot">
          {w('link.new')}
        </a>
      </p>
    </AuthPage>
  )
}

function BackToSignIn() {
  return (
    <p class="auth-other">
      <a class="text-link" href="/signin">
        {t('auth.signIn')}
      </a>
    </p>
  )
}
