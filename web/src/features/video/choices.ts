import { signal } from '@preact/signals'

const captionsKey = 'heliograph.captions'

/** Videos begin silent; who turned the sound on hears the next one too, until the page is left. */
export const soundOn = signal(false)

/** Shown unless turned off: most videos are watched without their sound. Remembered on this device. */
export const captionsOn = signal(recall() !== 'off')

export function setCaptions(on: boolean): void {
  captionsOn.value = on
  try {
    localStorage.setItem(captionsKey, on ? 'on' : 'off')
  } catch {}
}

function recall(): string | null {
  try {
    return localStorage.getItem(captionsKey)
  } catch {
    return null
  }
}
