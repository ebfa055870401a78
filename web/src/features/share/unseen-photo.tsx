import { ImageOff } from 'lucide-preact'
import { Icon } from '../../ui/icon.tsx'

/** Stands where this browser cannot decode the photograph itself; what that means is said once, beside it. */
export function UnseenPhoto({ name }: { name?: string }) {
  return (
    <span class="unseen-photo" {...(name ? { role: 'img', 'aria-label': name } : { 'aria-hidden': true })}>
      <Icon of={ImageOff} size={24} />
    </span>
  )
}
