import { useRef } from 'preact/hooks'

interface Tap {
  time: number
  x: number
  y: number
}

const withinMs = 320
const withinPixels = 32

/** Handlers for an element: two taps in one place within a moment, and none of them a scroll. */
export function useDoubleTap(perform: (x: number, y: number) => void) {
  const down = useRef<Tap | undefined>(undefined)
  const last = useRef<Tap | undefined>(undefined)
  const tapOf = (event: PointerEvent): Tap => ({ time: event.timeStamp, x: event.clientX, y: event.clientY })
  return {
    onPointerDown(event: PointerEvent) {
      // Buttons over the photograph are pressed, not tapped twice.
      const onButton = event.target instanceof Element && event.target.closest('button, input') !== null
      down.current = event.isPrimary && event.button === 0 && !onButton ? tapOf(event) : undefined
    },
    onPointerUp(event: PointerEvent) {
      const tap = tapOf(event)
      if (!down.current || far(down.current, tap, 12)) {
        last.current = undefined
        return
      }
      const before = last.current
      if (before && tap.time - before.time < withinMs && !far(before, tap, withinPixels)) {
        last.current = undefined
        perform(tap.x, tap.y)
      } else {
        last.current = tap
      }
    },
  }
}

function far(a: Tap, b: Tap, pixels: number): boolean {
  return Math.hypot(a.x - b.x, a.y - b.y) > pixels
}
