import { signal } from '@preact/signals'

/** Whether the server could be reached last time; the browser's own word is only a hint. */
export const online = signal(typeof navigator === 'undefined' || navigator.onLine !== false)

if (typeof addEventListener === 'function') {
  addEventListener('online', () => {
    online.value = true
  })
  addEventListener('offline', () => {
    online.value = false
  })
}
