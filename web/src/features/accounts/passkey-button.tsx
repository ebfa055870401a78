import { KeyRound } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { passkeysWork } from '../../lib/passkeys-work.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'

interface PasskeyButtonProps {
  onDone: () => void
  onProblem: (error: unknown) => void
}

/** Below the form; passkeys stand among the names that the browser offers as well, where it can. */
export function PasskeyButton({ onDone, onProblem }: PasskeyButtonProps) {
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    if (!passkeysWork()) return
    let gone = false
    let end: (() => void) | undefined
    // After what is seen: nobody waits for it.
    const idle = setTimeout(() => {
      void import('../../lib/passkeys.ts').then(({ offerPasskeys }) => {
        if (!gone) end = offerPasskeys(onDone, onProblem)
      }, ignore)
    }, 1000)
    return () => {
      gone = true
      clearTimeout(idle)
      end?.()
    }
  }, [])

  if (!passkeysWork()) return null

  async function go(): Promise<void> {
    setBusy(true)
    onProblem(undefined)
    try {
      const { signInByPasskey } = await import('../../lib/passkeys.ts')
      await signInByPasskey()
      onDone()
    } catch (error) {
      if (!isProblem(error, 'client.aborted')) onProblem(error)
      setBusy(false)
    }
  }

  return (
    <Button wide busy={busy} onClick={() => void go()}>
      <Icon of={KeyRound} size={20} />
      {t('auth.passkey')}
    </Button>
  )
}

/** The button tries again, and says it when that fails. */
function ignore(): void {}
