import { computed } from '@preact/signals'
import { savingData } from '../../lib/data-saver.ts'
import { quickLine } from '../../lib/network.ts'
import { online } from '../../lib/online.ts'

/** Only on a line that is known to be quick, and never where data is saved. */
export const mayFetchAhead = computed(() => quickLine.value && online.value && !savingData.value)

/**
 * Asks for the very rendition that each will ask for by itself when it comes near, so that none comes twice. What is no
 * longer next and not yet there is called off.
 */
export function fetchAhead(
  ahead: Map<HTMLImageElement, HTMLImageElement>,
  next: readonly HTMLImageElement[],
): void {
  for (const [shown, early] of ahead) {
    if (next.includes(shown)) continue
    ahead.delete(shown)
    if (early.complete) continue
    early.removeAttribute('srcset')
    early.removeAttribute('src')
  }
  for (const shown of next) {
    if (ahead.has(shown) || (shown.complete && shown.naturalWidth > 0)) continue
    const early = new Image()
    early.fetchPriority = 'low'
    early.sizes = shown.sizes
    early.srcset = shown.srcset
    early.src = shown.src
    ahead.set(shown, early)
  }
}
