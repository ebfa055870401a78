import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'

interface Gestures {
  /** The finger stays: everything stands still until it is lifted. */
  onHold: (held: boolean) => void
  onSide: (by: 1 | -1) => void
  onDown: () => void
  onUp: () => void
}

const holdMs = 220
/** Less is a tap that trembled. */
const startPx = 10
const enoughPx = 70

type Way = 'side' | 'upright'

interface Touch {
  id: number
  x: number
  y: number
  way?: Way
  held?: boolean
  timer: ReturnType<typeof setTimeout>
}

/** Pages turn as one reads. */
function isLeftToRight(): boolean {
  return document.documentElement.dir !== 'rtl'
}

/** One finger on the picture: hold, to the side, up and down. What was a gesture is no tap as well. */
export function useStoryGestures(moved: RefObject<HTMLElement | null>, gestures: Gestures) {
  const touch = useRef<Touch | undefined>(undefined)
  const isSpent = useRef(false)

  function shift(x: number, y: number): void {
    if (moved.current) moved.current.style.transform = x || y ? `translate(${x}px, ${Math.max(0, y)}px)` : ''
  }

  function end(event: PointerEvent, isLifted: boolean): void {
    const mine = touch.current
    if (mine?.id !== event.pointerId) return
    clearTimeout(mine.timer)
    touch.current = undefined
    shift(0, 0)
    if (mine.held) gestures.onHold(false)
    if (!isLifted || !mine.way) return
    const [x, y] = [event.clientX - mine.x, event.clientY - mine.y]
    if (mine.way === 'side' && Math.abs(x) > enoughPx) gestures.onSide(x < 0 === isLeftToRight() ? 1 : -1)
    if (mine.way === 'upright' && y > enoughPx) gestures.onDown()
    if (mine.way === 'upright' && y < -enoughPx) gestures.onUp()
  }

  return {
    onPointerDown(event: PointerEvent) {
      if (touch.current || event.button !== 0) return
      isSpent.current = false
      const timer = setTimeout(() => {
        if (touch.current) touch.current.held = isSpent.current = true
        gestures.onHold(true)
      }, holdMs)
      touch.current = { id: event.pointerId, x: event.clientX, y: event.clientY, timer }
    },
    onPointerMove(event: PointerEvent) {
      const mine = touch.current
      if (mine?.id !== event.pointerId) return
      const [x, y] = [event.clientX - mine.x, event.clientY - mine.y]
      if (!mine.way && Math.hypot(x, y) > startPx) {
        clearTimeout(mine.timer)
        mine.way = Math.abs(x) > Math.abs(y) ? 'side' : 'upright'
        isSpent.current = true
      }
      if (mine.way) shift(mine.way === 'side' ? x : 0, mine.way === 'upright' ? y : 0)
    },
    onPointerUp: (event: PointerEvent) => end(event, true),
    onPointerCancel: (event: PointerEvent) => end(event, false),
    onClickCapture(event: MouseEvent) {
      if (!isSpent.current) return
      isSpent.current = false
      event.preventDefault()
      event.stopPropagation()
    },
    onContextMenu: (event: Event) => event.preventDefault(),
  }
}
