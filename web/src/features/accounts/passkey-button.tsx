import { KeyRound } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { passkeysWork } from '../../lib/passkeys-work.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'

interface PasskeyButtonProps {
  onDone: () => void
  onProblem: (error: unknown) => void
}

/** After what is seen: nobody waits for what browsers offer by themselves. */
const offerAfterMs = 1000

/** Below the form; passkeys stand among the names that the browser offers as well, where it can. */
export function PasskeyButton({ onDone, onProblem }: PasskeyButtonProps) {
  const [busy, setBusy] = useState(false)
  const endOffer = useRef<() => void>(ignore)

  function offer(): void {
    let over = false
    let end = ignore
    const timer = setTimeout(() => {
      void import('../../lib/passkeys.ts').then(({ offerPasskeys }) => {
        if (!over) end = offerPasskeys(onDone, onProblem)
      }, ignore)
    }, offerAfterMs)
    endOffer.current = () => {
      over = true
      clearTimeout(timer)
      end()
    }
  }

  useEffect(() => {
    if (passkeysWork()) offer()
    return () => endOffer.current()
  }, [])

  if (!passkeysWork()) return null

  async function go(): Promise<void> {
    setBusy(true)
    onProblem(undefined)
    // Browsers ask one question at a time: begun later, the offer would call this one off.
    endOffer.current()
    try {
      const { signInByPasskey } = await import('../../lib/passkeys.ts')
      await signInByPasskey()
      onDone()
    } catch (error) {
      if (!isProblem(error, 'client.aborted')) onProblem(error)
      setBusy(false)
      offer()
    }
  }

  return (
    <Button wide busy={busy} onClick={() => void go()}>
      <Icon of={KeyRound} size={20} />
      {t('auth.passkey')}
    </Button>
  )
}

/** Nothing to end yet; or the offer's code did not come, and the button says so when it is pressed. */
function ignore(): void {}
