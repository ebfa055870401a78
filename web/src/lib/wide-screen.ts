import { type Signal, signal } from '@preact/signals'

/** Where the rail stands at the edge and two columns fit beside each other: as `@media (min-width: 1024px)`. */
export const wideScreen = signal(false)

/** Where a page shows what stands beside its column: as `@media (min-width: 1200px)`. */
export const sideScreen = signal(false)

function follow(shown: Signal<boolean>, query: string): void {
  const list = matchMedia(query)
  shown.value = list.matches
  list.addEventListener('change', () => {
    shown.value = list.matches
  })
}

if (typeof matchMedia === 'function') {
  follow(wideScreen, '(min-width: 1024px)')
  follow(sideScreen, '(min-width: 1200px)')
}
