import { limits } from '@heliograph/contract/limits'
import type { Overlay } from '@heliograph/contract/stories'
import { codePointLength } from '@heliograph/contract/text'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { OverlayText } from './overlay-view.tsx'
import { w } from './stories-words.ts'
import type { PlacedOverlay } from './story-drafts.ts'

type Style = Extract<Overlay, { kind: 'text' }>['style']
const styles: readonly Style[] = ['plain', 'boxed', 'outlined', 'handwritten']
/** Paper, ink and the colours of low sun, sky and leaves: each can be read on its opposite. */
const colors = [
  '#ffffff',
  '#1c1a17',
  '#ffb53d',
  '#ff6f52',
  '#b3261e',
  '#5b8def',
  '#1d7f3f',
  '#e9c7d8',
] as const

interface Words {
  text: string
  style: Style
  color: string
}

interface TextSheetProps {
  /** What is changed; undefined: another one. */
  overlay: Extract<PlacedOverlay, { kind: 'text' }> | undefined
  onDone: (words: Words) => void
  onClose: () => void
}

export function TextSheet({ overlay, onDone, onClose }: TextSheetProps) {
  const [text, setText] = useState(overlay?.text ?? '')
  const [style, setStyle] = useState<Style>(overlay?.style ?? 'plain')
  const [color, setColor] = useState(overlay?.color ?? '#ffffff')
  const fits = text.trim() !== '' && codePointLength(text) <= limits.overlayTextLength
  return (
    <Sheet
      title={w('tool.text')}
      onClose={onClose}
      action={
        <Button kind="quiet" disabled={!fits} onClick={() => onDone({ text: text.trim(), style, color })}>
          {t('ui.done')}
        </Button>
      }
    >
      <div class="sheet-form">
        <TextArea
          label={w('text.label')}
          value={text}
          rows={2}
          max={limits.overlayTextLength}
          onInput={setText}
        />
        <fieldset>
          <legend>{w('text.style')}</legend>
          <div class="text-styles">
            {styles.map((one) => (
              <label
                key={one}
                class="text-style"
                // On its own colour an outline is all there is to see of the letters.
                style={one === 'outlined' ? { background: color } : {}}
              >
                <input
                  type="radio"
                  name="style"
                  aria-label={w(`text.style.${one}`)}
                  checked={one === style}
                  onChange={() => setStyle(one)}
                />
                <span aria-hidden="true">
                  <OverlayText text={w(`text.style.${one}`)} style={one} color={color} />
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{w('text.color')}</legend>
          <div class="text-colors">
            {colors.map((one) => (
              <label key={one} class="text-color">
                <input
                  type="radio"
                  name="color"
                  aria-label={w(`color.${one}`)}
                  checked={one === color}
                  onChange={() => setColor(one)}
                />
                <span style={{ background: one }} />
              </label>
            ))}
          </div>
        </fieldset>
      </div>
    </Sheet>
  )
}
