import { limits } from '@heliograph/contract/limits'
import { t } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { w } from './stories-words.ts'

interface AltTextSheetProps {
  value: string
  onChange: (text: string) => void
  onClose: () => void
}

export function AltTextSheet({ value, onChange, onClose }: AltTextSheetProps) {
  return (
    <Sheet
      title={w('tool.alt')}
      onClose={onClose}
      action={
        <Button kind="quiet" onClick={onClose}>
          {t('ui.done')}
        </Button>
      }
    >
      <div class="sheet-form">
        <TextArea
          label={w('alt.label')}
          hint={w('alt.hint')}
          value={value}
          max={limits.altTextLength}
          onInput={onChange}
        />
      </div>
    </Sheet>
  )
}
