import type { RefObject } from 'preact'
import { useCallback, useEffect, useRef } from 'preact/hooks'

const tickMs = 50

interface ClockOptions {
  /** A Story of its own begins anew. */
  id: string | undefined
  runs: boolean
  /** Undefined: it is a film, which tells by itself how far it is. */
  lengthMs: number | undefined
  bar: RefObject<HTMLElement | null>
  onEnd: () => void
}

/** Lets a picture stand for its time and fills the bar over it; answers what a film calls with how far it is. */
export function useStoryClock({ id, runs, lengthMs, bar, onEnd }: ClockOptions): (part: number) => void {
  const past = useRef(0)
  const ended = useRef(onEnd)
  ended.current = onEnd
  const show = useCallback((part: number) => {
    if (bar.current) bar.current.style.transform = `scaleX(${Math.min(1, part)})`
  }, [])
  useEffect(() => {
    past.current = 0
    show(0)
  }, [id])
  useEffect(() => {
    if (!runs || lengthMs === undefined) return
    const timer = setInterval(() => {
      past.current += tickMs
      show(past.current / lengthMs)
      if (past.current >= lengthMs) {
        clearInterval(timer)
        ended.current()
      }
    }, tickMs)
    return () => clearInterval(timer)
  }, [id, runs, lengthMs])
  return show
}
