import { useId } from 'preact/hooks'
import { e } from './edit-words.ts'

interface EditSliderProps {
  label: string
  value: number
  range: { min: number; max: number; neutral: number }
  step?: number
  /** After the number. */
  unit?: string
  /** A ruler to turn instead of a bar to fill. */
  dial?: boolean
  onChange: (value: number) => void
}

/** A double tap brings it back to where it does nothing, as the button does. */
export function EditSlider({ label, value, range, step = 1, unit = '', dial, onChange }: EditSliderProps) {
  const id = useId()
  const { min, max, neutral } = range
  const start = neutral === max ? min : neutral
  const share = (at: number) => `${((at - min) / (max - min)) * 100}%`
  const words = `${value > 0 && min < 0 ? '+' : ''}${value}${unit}`.replace('-', '−')
  return (
    <div class="edit-slider">
      <label for={id}>{label}</label>
      <output for={id}>{words}</output>
      <button
        type="button"
        class="edit-reset"
        aria-label={`${e('reset')}: ${label}`}
        disabled={value === neutral}
        onClick={() => onChange(neutral)}
      >
        {e('reset')}
      </button>
      <input
        id={id}
        type="range"
        class={dial ? 'edit-dial' : ''}
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={words}
        style={{ '--from': share(Math.min(value, start)), '--to': share(Math.max(value, start)) }}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
        onDblClick={() => onChange(neutral)}
      />
    </div>
  )
}
