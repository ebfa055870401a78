import { me } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { toast } from '../../ui/toast.tsx'
import { w } from './factors-words.ts'
import './factors.css'

/** Shown once: closed by the button that says so, and by nothing else by accident. */
export function RecoveryCodesSheet({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const name = me.value?.username ?? ''
  const text = `${w('recovery.file', { name, place: location.host })}\n\n${codes.join('\n')}\n`

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text)
    toast(w('recovery.copied'))
  }

  function save(): void {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    link.download = `heliograph-recovery-codes-${name}.txt`
    link.click()
    URL.revokeObjectURL(link.href)
  }

  return (
    <Sheet title={w('recovery.title')} onClose={onClose} mayClose={() => false} bare>
      <div class="sheet-form">
        <p class="factor-title" aria-hidden="true">
          {w('recovery.title')}
        </p>
        <p class="quiet">{w('recovery.text')}</p>
        <ul class="factor-codes">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div class="factor-buttons">
          {/* Plain http addresses have no clipboard. */}
          {'clipboard' in navigator ? (
            <Button wide onClick={() => void copy()}>
              {w('recovery.copy')}
            </Button>
          ) : null}
          <Button wide onClick={save}>
            {w('recovery.save')}
          </Button>
        </div>
        <Button kind="primary" wide onClick={onClose}>
          {w('recovery.kept')}
        </Button>
      </div>
    </Sheet>
  )
}
