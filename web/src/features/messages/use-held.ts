import { useRef } from 'preact/hooks'

const heldMs = 450
const slipPx = 10

/** A finger that stays where it is. A mouse has buttons for the same, and a right click keeps the browser's own menu. */
export function useHeld(act: () => void) {
  const held = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | undefined>(undefined)
  const end = () => {
    clearTimeout(held.current?.timer)
    held.current = undefined
  }
  return {
    onPointerDown(event: PointerEvent) {
      end()
      if (event.pointerType !== 'touch') return
      const timer = setTimeout(() => {
        end()
        act()
      }, heldMs)
      held.current = { timer, x: event.clientX, y: event.clientY }
    },
    onPointerMove(event: PointerEvent) {
      const { x, y } = held.current ?? { x: event.clientX, y: event.clientY }
      if (Math.hypot(event.clientX - x, event.clientY - y) > slipPx) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
    onContextMenu(event: MouseEvent) {
      if ((event as PointerEvent).pointerType === 'touch') event.preventDefault()
    },
  }
}
