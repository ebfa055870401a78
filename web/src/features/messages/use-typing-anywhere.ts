import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** On a keyboard one writes without going to the field first: the first letter goes there by itself. */
export function useTypingAnywhere(area: RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    function toField(event: KeyboardEvent): void {
      if (event.key.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey)
        return
      const target = event.target instanceof Element ? event.target : null
      if (target?.closest('input, textarea, select, button, a, dialog, [contenteditable]')) return
      area.current?.focus()
    }
    document.addEventListener('keydown', toField)
    return () => document.removeEventListener('keydown', toField)
  }, [area])
}
