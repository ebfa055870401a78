import { type Signal, signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { openSheets } from './sheet.tsx'

/** How far the content follows the finger, and from where on letting go reads anew. */
const followMax = 112
const readyAt = 64
const resistance = 0.5
/** A finger that has not moved further may still mean anything. */
const slopPx = 8

export interface Pull {
  /** How far the content is pulled down, in pixels. */
  readonly distance: Signal<number>
  readonly state: Signal<'still' | 'pulling' | 'ready' | 'busy'>
}

/** Pulling the page down at its top, with one finger; what goes sideways belongs to the carousels. */
export function usePull(box: RefObject<HTMLElement | null>, refresh: () => Promise<void>): Pull {
  const [pull] = useState<Pull>(() => ({
    distance: signal(0),
    state: signal<Pull['state']['value']>('still'),
  }))
  useEffect(() => {
    const element = box.current
    if (!element) return
    let from: { x: number; y: number } | undefined

    function begin({ touches }: TouchEvent): void {
      const [touch] = touches
      const mayPull = scrollY <= 0 && touches.length === 1 && openSheets.peek() === 0
      from =
        mayPull && touch && pull.state.peek() === 'still' ? { x: touch.clientX, y: touch.clientY } : undefined
    }

    function move(event: TouchEvent): void {
      const [touch] = event.touches
      if (!from || !touch) return
      const down = touch.clientY - from.y
      const aside = Math.abs(touch.clientX - from.x)
      if (pull.state.peek() === 'still') {
        if (Math.max(Math.abs(down), aside) < slopPx) return
        if (down < aside || !event.cancelable) {
          from = undefined
          return
        }
      }
      event.preventDefault()
      const distance = Math.min(followMax, Math.max(0, (down - slopPx) * resistance))
      pull.distance.value = distance
      pull.state.value = distance >= readyAt ? 'ready' : 'pulling'
    }

    function end(event: TouchEvent): void {
      if (!from) return
      from = undefined
      const isMeant = event.type === 'touchend' && pull.state.peek() === 'ready'
      if (isMeant) void settle()
      else rest()
    }

    async function settle(): Promise<void> {
      pull.state.value = 'busy'
      pull.distance.value = readyAt
      await refresh()
      rest()
    }

    function rest(): void {
      pull.distance.value = 0
      pull.state.value = 'still'
    }

    element.addEventListener('touchstart', begin, { passive: true })
    // Not passive: the browser would scroll, and reload the page, under the finger.
    element.addEventListener('touchmove', move, { passive: false })
    element.addEventListener('touchend', end)
    element.addEventListener('touchcancel', end)
    return () => {
      element.removeEventListener('touchstart', begin)
      element.removeEventListener('touchmove', move)
      element.removeEventListener('touchend', end)
      element.removeEventListener('touchcancel', end)
      rest()
    }
  }, [box, refresh, pull])
  return pull
}
