import { signal } from '@preact/signals'

/** Where the rail stands at the edge and two columns fit beside each other: as `@media (min-width: 1024px)`. */
export const wideScreen = signal(false)

if (typeof matchMedia === 'function') {
  const wide = matchMedia('(min-width: 1024px)')
  wideScreen.value = wide.matches
  wide.addEventListener('change', () => {
    wideScreen.value = wide.matches
  })
}
