import { codePointLength } from '@heliograph/contract/text'
import type { ComponentChildren, Ref } from 'preact'
import { useId } from 'preact/hooks'
import { t } from '../lib/i18n.ts'
import './field.css'

interface Common {
  label: string
  hint?: ComponentChildren
  /** What is wrong, and how to put it right. */
  error?: string | undefined
}

interface TextFieldProps extends Common {
  value: string
  onInput: (value: string) => void
  name?: string
  type?: 'text' | 'email' | 'password' | 'search' | 'date'
  autoComplete?: string
  autoCapitalize?: 'none' | 'words' | 'sentences'
  inputMode?: 'text' | 'email' | 'search' | 'numeric'
  required?: boolean
  placeholder?: string
  /** In code points; a counter appears when it comes near. */
  max?: number
  onBlur?: () => void
  ref?: Ref<HTMLInputElement>
  /** At the end inside the field. */
  end?: ComponentChildren
}

export function TextField(props: TextFieldProps) {
  const { label, hint, error, value, onInput, max, end, type = 'text', ref, ...rest } = props
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error} length={value} max={max}>
      <span class="field-row">
        <input
          {...rest}
          ref={ref}
          id={id}
          type={type as 'text'}
          dir={type === 'text' && props.autoCapitalize !== 'none' ? 'auto' : undefined}
          value={value}
          class="field-input"
          spellcheck={type === 'text' && props.autoCapitalize !== 'none'}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={`${id}-note`}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        {end}
      </span>
    </Frame>
  )
}

interface TextAreaProps extends Common {
  value: string
  onInput: (value: string) => void
  rows?: number
  max?: number
  placeholder?: string
  ref?: Ref<HTMLTextAreaElement>
}

export function TextArea(props: TextAreaProps) {
  const { label, hint, error, value, onInput, rows = 3, max, placeholder, ref } = props
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error} length={value} max={max}>
      <textarea
        ref={ref}
        id={id}
        rows={rows}
        dir="auto"
        value={value}
        placeholder={placeholder}
        class="field-input"
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={`${id}-note`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Frame>
  )
}

/** A hint of several lines. */
export function NoteLines({ lines }: { lines: readonly string[] }) {
  return (
    <span class="note-lines">
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </span>
  )
}

interface SwitchProps {
  label: string
  hint?: ComponentChildren
  checked: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
}

export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps) {
  const id = useId()
  return (
    <div class="switch">
      <label for={id}>
        <span class="switch-label">{label}</span>
        {hint ? <span class="field-note">{hint}</span> : null}
      </label>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  )
}

interface FrameProps extends Common {
  id: string
  length: string
  max: number | undefined
  children: ComponentChildren
}

function Frame({ id, label, hint, error, length, max, children }: FrameProps) {
  const left = max === undefined ? undefined : max - codePointLength(length)
  const counts = max !== undefined && left !== undefined && left <= Math.max(20, max * 0.1)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      <div class="field-foot">
        <span
          id={`${id}-note`}
          class={error ? 'field-error' : 'field-note'}
          role={error ? 'alert' : undefined}
        >
          {error ?? hint}
        </span>
        {counts ? <RoomLeft count={left} /> : null}
      </div>
    </div>
  )
}

/** How much room there is, or how much of it is lacking. */
export function RoomLeft({ count }: { count: number }) {
  if (count >= 0) return <span class="field-note">{count}</span>
  return <span class="field-error">{t('comments.tooLong', { count: -count })}</span>
}
