import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface ChoiceProps<V extends string> {
  label: string
  hint?: ComponentChildren
  value: V
  options: readonly { value: V; label: string }[]
  onChange: (value: V) => void
}

/** One of a few, in a row of the settings. */
export function Choice<V extends string>({ label, hint, value, options, onChange }: ChoiceProps<V>) {
  const id = useId()
  return (
    <div class="settings-row">
      <label for={id}>
        {label}
        {hint ? <span class="field-note">{hint}</span> : null}
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as V)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  )
}
