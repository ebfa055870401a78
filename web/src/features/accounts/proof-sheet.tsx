import type { FactorNeeded, PasskeyRequest } from '@heliograph/contract/second-factors'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Ask, call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { passkeysWork } from '../../lib/passkeys-work.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { authProblem, ofCode } from './auth-problem.ts'
import { HiddenUsername } from './hidden-username.tsx'
import { PasswordField } from './password-field.tsx'
import { w } from './second-step-words.ts'

type Proof = Ask<'POST /api/me/proof'>['body']

/** Which code goes with the password, once the server asked for one. */
type CodeKind = 'totp' | 'recovery'

export function ProofSheet({ onAnswer }: { onAnswer: (given: boolean) => void }) {
  const [password, setPassword] = useState('')
  const [codes, setCodes] = useState<CodeKind[]>([])
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const [request, setRequest] = useState<PasskeyRequest | null>(null)
  const kind = codes[0]
  const field = useRef<HTMLInputElement>(null)
  // The field that had the keyboard is gone.
  useEffect(() => field.current?.focus(), [kind])

  useEffect(() => {
    // Without an answer the password is there all the same.
    if (passkeysWork())
      void call('POST /api/me/proof-challenges').then(({ passkey }) => setRequest(passkey), ignore)
  }, [])

  async function send(show: () => Promise<Proof> | Proof): Promise<void> {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await call('POST /api/me/proof', { body: await show() })
      onAnswer(true)
    } catch (error) {
      if (isProblem(error, 'auth.factor_needed')) {
        const { methods } = error.document as FactorNeeded
        setCodes(methods.filter((method) => method !== 'passkey'))
      } else if (!isProblem(error, 'client.aborted')) setProblem(ofCode(error))
      setBusy(false)
    }
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault()
    if (!password || (kind && !code.trim())) return
    const shown = kind && { [kind === 'totp' ? 'totp' : 'recoveryCode']: code.trim() }
    void send(() => ({ password, ...shown }))
  }

  function chooseOther(): void {
    setCodes(codes.toReversed())
    setCode('')
    setProblem(undefined)
  }

  return (
    <Sheet title={t('auth.proof.title')} onClose={() => onAnswer(false)}>
      <form class="sheet-form" noValidate onSubmit={submit}>
        <p class="quiet">{kind ? w(`${kind}.text`) : t('auth.proof.text')}</p>
        <HiddenUsername />
        {kind ? (
          <TextField
            key={kind}
            label={w(`${kind}.label`)}
            name={kind === 'totp' ? 'one-time-code' : 'recovery-code'}
            autoComplete={kind === 'totp' ? 'one-time-code' : 'off'}
            autoCapitalize="none"
            inputMode={kind === 'totp' ? 'numeric' : 'text'}
            ref={field}
            value={code}
            onInput={(value) => {
              setCode(value)
              setProblem(undefined)
            }}
            error={problem ? authProblem(problem) : undefined}
          />
        ) : (
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
        )}
        <Button kind="primary" type="submit" wide busy={busy} disabled={!password || (kind && !code.trim())}>
          {t('auth.proof.go')}
        </Button>
        {codes.length > 1 ? (
          <Button kind="quiet" wide onClick={chooseOther}>
            {w(`${codes[1]!}.instead`)}
          </Button>
        ) : null}
        {request ? (
          <Button
            wide
            busy={busy}
            onClick={() =>
              void send(async () => {
                const { showPasskey } = await import('../../lib/passkeys.ts')
                return { passkey: await showPasskey(request) }
              })
            }
          >
            {t('auth.proof.passkey')}
          </Button>
        ) : null}
      </form>
    </Sheet>
  )
}

function ignore(): void {}
