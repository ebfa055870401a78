import { limits } from '@heliograph/contract/limits'
import type { Passkey } from '@heliograph/contract/second-factors'
import { codePointLength } from '@heliograph/contract/text'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { w } from './factors-words.ts'

interface PasskeyNameSheetProps {
  passkey: Passkey
  onClose: () => void
  onRenamed: () => Promise<void>
}

export function PasskeyNameSheet({ passkey, onClose, onRenamed }: PasskeyNameSheetProps) {
  const [name, setName] = useState(passkey.name)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    try {
      await call('PATCH /api/me/passkeys/:id', { params: { id: passkey.id }, body: { name } })
      await onRenamed()
      onClose()
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }

  return (
    <Sheet title={w('passkey.rename.title')} onClose={onClose}>
      <form class="sheet-form" noValidate onSubmit={(event) => void save(event)}>
        <TextField
          label={w('passkey.name')}
          max={limits.passkeyNameLength}
          value={name}
          onInput={(value) => {
            setName(value)
            setProblem(undefined)
          }}
          error={problem ? problemText(problem) : undefined}
        />
        <Button
          kind="primary"
          type="submit"
          wide
          busy={busy}
          disabled={name.trim() === '' || codePointLength(name) > limits.passkeyNameLength}
        >
          {t('ui.save')}
        </Button>
      </form>
    </Sheet>
  )
}
