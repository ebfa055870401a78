import { computed, signal } from '@preact/signals'
import { savingData } from '../../lib/data-saver.ts'
import { slowLine } from '../../lib/network.ts'

const motion = typeof matchMedia === 'function' ? matchMedia('(prefers-reduced-motion: reduce)') : undefined
const still = signal(motion?.matches === true)
motion?.addEventListener('change', (event) => {
  still.value = event.matches
})

/** Whether a video in view may begin by itself: not for who saves data, has a slow line, or wants things still. */
export const autoplays = computed(() => !savingData.value && !slowLine.value && !still.value)
