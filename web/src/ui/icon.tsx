import type { LucideIcon } from 'lucide-preact'

/** Icons are decoration: the control they stand in carries the name. */
export function Icon({
  of: Shape,
  size = 24,
  class: name,
}: {
  of: LucideIcon
  size?: number
  class?: string
}) {
  return <Shape size={size} strokeWidth={1.75} aria-hidden="true" class={name ?? ''} />
}
