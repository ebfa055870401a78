import { computed, type ReadonlySignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'

/**
 * The ids of a list whose things are still there. It changes only when one comes or goes: a like on one post
 * must not draw all of them again.
 */
export function usePresent(
  items: ReadonlySignal<readonly string[]>,
  thingOf: (id: string) => ReadonlySignal<unknown>,
): readonly string[] {
  const joined = useMemo(
    () => computed(() => items.value.filter((id) => thingOf(id).value).join()),
    [items, thingOf],
  )
  const ids = joined.value
  return useMemo(() => (ids === '' ? [] : ids.split(',')), [ids])
}
