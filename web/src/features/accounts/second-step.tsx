import type { SecondFactorMethod, SecondFactorNeeded } from '@heliograph/contract/second-factors'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Ask, call, isProblem } from '../../lib/api.ts'
import { passkeysWork } from '../../lib/passkeys-work.ts'
import { enter } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { authProblem, ofCode } from './auth-problem.ts'
import { w } from './second-step-words.ts'
import './accounts.css'

type Shown = Pick<Ask<'POST /api/sessions/second-factor'>['body'], 'totp' | 'recoveryCode' | 'passkey'>

interface SecondStepProps {
  needed: SecondFactorNeeded
  onDone: () => void
  onStartOver: (reason?: unknown) => void
}

/** Behind the right password: a passkey, a code, or one of the codes that were kept. */
export function SecondStep({ needed, onDone, onStartOver }: SecondStepProps) {
  const methods = needed.methods.filter((method) => method !== 'passkey' || passkeysWork())
  const [method, setMethod] = useState<SecondFactorMethod>(methods[0] ?? 'recovery')
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const title = useRef<HTMLHeadingElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const hasChosen = useRef(false)
  // What was typed into, or pressed, is gone: whoever listens hears where they are now.
  useEffect(() => ((hasChosen.current && field.current) || title.current)?.focus(), [method])
  const isWrong = method !== 'passkey' && isProblem(problem, 'auth.second_factor_wrong')

  function choose(next: SecondFactorMethod): void {
    hasChosen.current = true
    setMethod(next)
    setCode('')
    setProblem(undefined)
  }

  async function send(show: () => Promise<Shown> | Shown): Promise<void> {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      const body = { challenge: needed.challenge, cookie: true, ...(await show()) }
      await enter(call('POST /api/sessions/second-factor', { body }))
      onDone()
    } catch (error) {
      if (isProblem(error, 'auth.challenge_expired')) return onStartOver(error)
      if (!isProblem(error, 'client.aborted')) setProblem(ofCode(error))
      setBusy(false)
    }
  }

  async function showPasskey(): Promise<Shown> {
    const passkeys = await import('../../lib/passkeys.ts')
    return needed.passkey ? { passkey: await passkeys.showPasskey(needed.passkey) } : {}
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault()
    if (method === 'passkey') void send(showPasskey)
    else if (code.trim())
      void send(() => (method === 'totp' ? { totp: code } : { recoveryCode: code.trim() }))
  }

  return (
    <form class="auth-form" noValidate onSubmit={submit}>
      <h2 ref={title} class="auth-step" tabIndex={-1}>
        {w('title')}
      </h2>
      <p class="quiet">{w(`${method}.text`)}</p>
      {method === 'passkey' ? null : (
        <TextField
          key={method}
          ref={field}
          label={w(`${method}.label`)}
          name={method === 'totp' ? 'one-time-code' : 'recovery-code'}
          autoComplete={method === 'totp' ? 'one-time-code' : 'off'}
          autoCapitalize="none"
          inputMode={method === 'totp' ? 'numeric' : 'text'}
          error={isWrong ? authProblem(problem) : undefined}
          value={code}
          onInput={(value) => {
            setCode(value)
            setProblem(undefined)
          }}
        />
      )}
      {problem && !isWrong ? (
        <p class="auth-problem" role="alert">
          {authProblem(problem)}
        </p>
      ) : null}
      <Button kind="primary" type="submit" wide busy={busy}>
        {w(method === 'passkey' ? 'passkey.go' : 'go')}
      </Button>
      <div class="auth-ways">
        {methods
          .filter((other) => other !== method)
          .map((other) => (
            <Button key={other} kind="quiet" wide onClick={() => choose(other)}>
              {w(`${other}.instead`)}
            </Button>
          ))}
        <Button kind="quiet" wide onClick={() => onStartOver()}>
          {w('back')}
        </Button>
      </div>
    </form>
  )
}
