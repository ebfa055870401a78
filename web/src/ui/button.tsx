import type { ComponentChildren, Ref } from 'preact'
import './button.css'

interface ButtonProps {
  /** Primary is the one thing a screen is for; strong is for actions that stand in rows. */
  kind?: 'primary' | 'strong' | 'plain' | 'quiet' | 'danger'
  type?: 'button' | 'submit'
  /** Working: stays in place, cannot be pressed again. */
  busy?: boolean
  disabled?: boolean
  wide?: boolean
  href?: string
  label?: string
  onClick?: (event: MouseEvent) => void
  ref?: Ref<HTMLButtonElement>
  children: ComponentChildren
}

export function Button(props: ButtonProps) {
  const { kind = 'plain', type = 'button', busy, disabled, wide, href, label, onClick, ref, children } = props
  const classes = `button button-${kind}${wide ? ' button-wide' : ''}`
  if (href) {
    return (
      <a class={classes} href={href} aria-label={label}>
        {children}
      </a>
    )
  }
  return (
    <button
      ref={ref}
      type={type}
      class={classes}
      aria-label={label}
      aria-busy={busy ? 'true' : undefined}
      disabled={disabled || busy}
      onClick={onClick}
    >
      {children}
    </button>
  )
}
