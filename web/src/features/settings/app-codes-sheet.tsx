import { useState } from 'preact/hooks'
import { encode } from 'uqr'
import { call } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { w } from './factors-words.ts'
import './factors.css'

interface AppCodesSheetProps {
  secret: string
  uri: string
  onClose: () => void
  onConfirmed: (recoveryCodes: readonly string[] | null) => Promise<void>
}

/** The secret as a picture, as words and as a link; then a first code, which shows that it has arrived. */
export function AppCodesSheet({ secret, uri, onClose, onConfirmed }: AppCodesSheetProps) {
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()

  async function confirm(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    try {
      const { recoveryCodes } = await withProof(() => call('PUT /api/me/totp', { body: { code } }))
      await onConfirmed(recoveryCodes)
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }

  return (
    <Sheet title={w('totp.title')} onClose={onClose}>
      <form class="sheet-form" noValidate onSubmit={(event) => void confirm(event)}>
        <p class="quiet">{w('totp.scan')}</p>
        <Squares of={uri} label={w('totp.picture')} />
        <dl class="factor-key">
          <dt>{w('totp.key')}</dt>
          <dd>{secret.match(/.{1,4}/g)?.join(' ')}</dd>
        </dl>
        <Button href={uri} wide>
          {w('totp.open')}
        </Button>
        <TextField
          label={w('totp.code')}
          name="one-time-code"
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          onInput={(value) => {
            setCode(value)
            setProblem(undefined)
          }}
          error={problem ? problemText(problem) : undefined}
        />
        <Button
          kind="primary"
          type="submit"
          wide
          busy={busy}
          disabled={!/^\d{6}$/.test(code.replace(/\s/g, ''))}
        >
          {w('totp.go')}
        </Button>
      </form>
    </Sheet>
  )
}

/** Dark on light in both themes: many cameras read nothing else. */
function Squares({ of: text, label }: { of: string; label: string }) {
  const { data, size } = encode(text, { border: 2 })
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg class="factor-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={path} />
    </svg>
  )
}
