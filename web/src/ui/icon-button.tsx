import type { LucideIcon } from 'lucide-preact'
import type { Ref } from 'preact'
import { Badge } from './badge.tsx'
import { Icon } from './icon.tsx'
import './button.css'

interface IconButtonProps {
  icon: LucideIcon
  label: string
  pressed?: boolean
  /** Shown in the corner when more than none. */
  badge?: number
  size?: number
  class?: string
  href?: string
  disabled?: boolean
  hasPopup?: boolean
  /** What it is of its screen, for who looks for it again when another takes its place. */
  part?: string
  onClick?: (event: MouseEvent) => void
  ref?: Ref<HTMLButtonElement>
}

export function IconButton(props: IconButtonProps) {
  const { icon, label, pressed, badge, size, href, disabled, hasPopup, part, onClick, ref } = props
  const classes = `icon-button ${props.class ?? ''}`
  const inside = (
    <>
      <Icon of={icon} {...(size ? { size } : {})} />
      {badge ? <Badge count={badge} /> : null}
    </>
  )
  if (href) {
    return (
      <a class={classes} href={href} aria-label={label}>
        {inside}
      </a>
    )
  }
  return (
    <button
      ref={ref}
      type="button"
      class={classes}
      data-part={part}
      aria-label={label}
      aria-pressed={pressed}
      aria-haspopup={hasPopup ? 'dialog' : undefined}
      disabled={disabled}
      onClick={onClick}
    >
      {inside}
    </button>
  )
}
