import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { place } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { refreshMe } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { AuthPage } from '../accounts/auth-page.tsx'
import { w } from './settings-words.ts'
import './settings.css'

/** Where the mailed link leads. */
export function VerifyEmailPage() {
  const [state, setState] = useState<'busy' | 'done' | 'failed'>('busy')
  const [problem, setProblem] = useState<unknown>()

  useEffect(() => {
    const code = new URLSearchParams(place.value.query).get('code') ?? ''
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

  const title = state === 'failed' ? w('verify.failed') : w('verify.title')
  const lead = { busy: w('verify.busy'), done: w('verify.done'), failed: problemText(problem) }[state]
  return (
    <AuthPage title={title} lead={lead}>
      {state === 'busy' ? null : (
        <p class="settings-go">
          <Button kind="primary" wide href="/">
            {w('verify.go')}
          </Button>
        </p>
      )}
    </AuthPage>
  )
}
