import { useEffect, useRef } from 'preact/hooks'
import type { PlayerActions } from './player-actions.ts'

interface Surface {
  on: boolean
  hasSound: boolean
}

/** As long as a second tap would make it a like. */
const doubleTapMs = 320
const holdMs = 500

/**
 * A finger's tap turns the sound on and off, a held finger holds the video; a mouse plays and pauses, as everywhere.
 * Two taps are a like, which the box around it takes care of.
 */
export function useTaps(actions: PlayerActions, { on, hasSound }: Surface) {
  const single = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const hold = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const isHeld = useRef(false)
  const pointer = useRef('mouse')
  useEffect(
    () => () => {
      clearTimeout(single.current)
      clearTimeout(hold.current)
    },
    [],
  )

  function act(): void {
    if (!on) actions.play()
    else if (pointer.current === 'mouse' || !hasSound) actions.pause()
    else actions.toggleSound()
  }

  function letGo(): void {
    clearTimeout(hold.current)
  }

  return {
    onPointerDown(event: PointerEvent) {
      pointer.current = event.pointerType
      isHeld.current = false
      clearTimeout(hold.current)
      if (event.pointerType === 'mouse' || !on) return
      hold.current = setTimeout(() => {
        isHeld.current = true
        actions.pause()
      }, holdMs)
    },
    onPointerUp() {
      letGo()
      if (isHeld.current) actions.play()
    },
    onPointerCancel() {
      letGo()
      if (isHeld.current) actions.play()
      isHeld.current = false
    },
    onClick() {
      if (isHeld.current) return
      if (single.current !== undefined) {
        clearTimeout(single.current)
        single.current = undefined
        return
      }
      single.current = setTimeout(() => {
        single.current = undefined
        act()
      }, doubleTapMs)
    },
    onContextMenu(event: Event) {
      if (pointer.current !== 'mouse') event.preventDefault()
    },
  }
}
