import { computed, signal } from '@preact/signals'
import { savingData } from '../../lib/data-saver.ts'
import { cellular, slowLine } from '../../lib/network.ts'
import { me } from '../../lib/session.ts'

const motion = typeof matchMedia === 'function' ? matchMedia('(prefers-reduced-motion: reduce)') : undefined
const still = signal(motion?.matches === true)
motion?.addEventListener('change', (event) => {
  still.value = event.matches
})

const wanted = computed(() => {
  const choice = me.value?.autoplay ?? 'always'
  return choice === 'always' || (choice === 'wifi' && !cellular.value)
})

/** Whether a video in view may begin by itself: not for who saves data, has a slow line, or wants things still. */
export const autoplays = computed(() => wanted.value && !savingData.value && !slowLine.value && !still.value)
