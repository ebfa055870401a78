import { useEffect, useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { place } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me, refreshMe } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { toast } from '../../ui/toast.tsx'
import { AuthPage } from '../accounts/auth-page.tsx'
import { act } from './act.ts'
import { w } from './settings-words.ts'

/** Where the mailed link leads. */
export function VerifyEmailPage() {
  const [state, setState] = useState<'busy' | 'done' | 'failed'>('busy')
  const [problem, setProblem] = useState<unknown>()

  useEffect(() => {
    const code = codeIn(place.value.hash) ?? codeIn(place.value.query) ?? ''
    call('POST /api/email-verifications', { body: { code } }).then(
      () => {
        setState('done')
        void refreshMe()
      },
      (error) => {
        setState('failed')
        setProblem(error)
      },
    )
  }, [])

  const title = { busy: w('verify.title'), done: w('verify.done.title'), failed: w('verify.failed') }[state]
  const lead = { busy: w('verify.busy'), done: w('verify.done'), failed: failure(problem) }[state]
  return (
    <AuthPage title={title} lead={lead}>
      {state === 'busy' ? null : (
        <div class="auth-form">
          {state === 'failed' ? <AnotherWay problem={problem} /> : <GoOn kind="primary" />}
        </div>
      )}
    </AuthPage>
  )
}

function GoOn({ kind }: { kind: 'primary' | 'plain' }) {
  return (
    <Button kind={kind} wide href="/">
      {w('verify.go')}
    </Button>
  )
}

/** A link that does not work is no end: whoever is signed in is sent a new one, others sign in first. */
function AnotherWay({ problem }: { problem: unknown }) {
  const [busy, setBusy] = useState(false)
  const user = me.value
  if (!user || isProblem(problem, 'auth.required')) {
    const { query, hash } = place.value
    const next = isProblem(problem, 'auth.required') ? `/verify-email${query}${hash}` : '/settings/account'
    return (
      <>
        {isProblem(problem, 'auth.required') ? null : <p>{w('verify.again')}</p>}
        <Button kind="primary" wide href={`/signin?next=${encodeURIComponent(next)}`}>
          {t('auth.signIn')}
        </Button>
      </>
    )
  }
  if (user.emailVerified && !user.pendingEmail) return <GoOn kind="primary" />

  async function send(): Promise<void> {
    setBusy(true)
    await act(
      () => call('POST /api/me/email-verification'),
      () => toast(w('safe.email.sent')),
    )
    setBusy(false)
  }
  return (
    <>
      <Button kind="primary" wide busy={busy} onClick={() => void send()}>
        {w('verify.send')}
      </Button>
      <GoOn kind="plain" />
    </>
  )
}

/** Behind the #, where servers are not told it; mails of before have it in the query. */
const codeIn = (part: string) => new URLSearchParams(part.slice(1)).get('code')

/** A new address is confirmed by whoever is signed in to the account that it is for. */
function failure(problem: unknown): string {
  return isProblem(problem, 'auth.required') ? w('verify.signIn') : problemText(problem)
}
