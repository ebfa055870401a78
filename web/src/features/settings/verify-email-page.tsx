import { useEffect, useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { place } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { refreshMe } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { AuthPage } from '../accounts/auth-page.tsx'
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

  const isSignedOut = isProblem(problem, 'auth.required')
  const next = isSignedOut
    ? `/signin?next=${encodeURIComponent(`/verify-email${place.value.query}${place.value.hash}`)}`
    : '/'
  const title = state === 'failed' ? w('verify.failed') : w('verify.title')
  const lead = { busy: w('verify.busy'), done: w('verify.done'), failed: failure(problem) }[state]
  return (
    <AuthPage title={title} lead={lead}>
      {state === 'busy' ? null : (
        <div class="auth-form">
          <Button kind="primary" wide href={next}>
            {isSignedOut ? t('auth.signIn') : w('verify.go')}
          </Button>
        </div>
      )}
    </AuthPage>
  )
}

/** Behind the #, where servers are not told it; mails of before have it in the query. */
const codeIn = (part: string) => new URLSearchParams(part.slice(1)).get('code')

/** A new address is confirmed by whoever is signed in to the account that it is for. */
function failure(problem: unknown): string {
  return isProblem(problem, 'auth.required') ? w('verify.signIn') : problemText(problem)
}
