import { computed } from '@preact/signals'
import { savingData } from '../../lib/data-saver.ts'
import { browserSaysSlow, quickLine } from '../../lib/network.ts'
import { online } from '../../lib/online.ts'

/** Only on a line that is known to be quick, and never where data is saved. */
export const mayFetchAhead = computed(
  () => quickLine.value && online.value && !savingData.value && !browserSaysSlow.value,
)

/** Something that a post will ask for by itself when it comes near. */
export interface Wanted {
  key: string
  /** Asks for it now; answers how to call that off. */
  begin(): () => void
}

/** What is under way or here, each with how to call it off. */
export type Ahead = Map<string, () => void>

/** Begins what is next. Of what was begun the rest is called off, but for what is `due`: its post has come and needs it now. */
export function fetchAhead(ahead: Ahead, next: readonly Wanted[], due: readonly Wanted[] = []): void {
  const wanted = new Set([...next, ...due].map(({ key }) => key))
  for (const [key, callOff] of ahead) {
    if (wanted.has(key)) continue
    ahead.delete(key)
    callOff()
  }
  for (const { key, begin } of next) if (!ahead.has(key)) ahead.set(key, begin())
}

/**
 * The very renditions that a drawn photograph will ask for, so that none comes twice: the one that its box and the screen
 * choose; of one that comes in two steps both, where the screen can show the second.
 */
export function picturesOf(shown: HTMLImageElement): Wanted[] {
  const { src, srcset, sizes } = shown
  const isHere = shown.complete && shown.naturalWidth > 0
  const first = isHere ? [] : [pictureAhead({ src, srcset, sizes })]
  const { large, largeAbove } = shown.dataset
  const isSharper = large && shown.clientWidth * devicePixelRatio > Number(largeAbove)
  return isSharper ? [...first, pictureAhead({ src: large, srcset: '', sizes: '' })] : first
}

function pictureAhead(picture: { src: string; srcset: string; sizes: string }): Wanted {
  return {
    key: `${picture.srcset} ${picture.src}`,
    begin() {
      const early = new Image()
      // The address last: some browsers begin with what is there by then.
      early.fetchPriority = 'low'
      early.sizes = picture.sizes
      early.srcset = picture.srcset
      early.src = picture.src
      return () => {
        if (early.complete) return
        early.removeAttribute('srcset')
        early.removeAttribute('src')
      }
    },
  }
}

/** As much of a film as shows its first picture, by a player of the browser's: the one that is seen goes on with it. */
export function filmAhead(address: string): Wanted {
  return {
    key: address,
    begin() {
      const early = document.createElement('video')
      Object.assign(early, { muted: true, preload: 'metadata', src: address })
      return () => {
        early.removeAttribute('src')
        early.load()
      }
    },
  }
}
