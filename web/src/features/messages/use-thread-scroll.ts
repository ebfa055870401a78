import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Thread } from './thread.ts'

/** Closer to the end than this one is at the end. */
const endPx = 60

interface Keyed {
  readonly key: string
}

interface ThreadScroll {
  log: RefObject<HTMLDivElement | null>
  /** Stands above the oldest message: before it comes into sight, older ones are asked for. */
  top: RefObject<HTMLDivElement | null>
  isAtEnd: boolean
  toEnd: () => void
}

/** Whoever is at the end stays at the end, whoever reads above stays where they read. */
export function useThreadScroll(thread: Thread, rows: readonly Keyed[]): ThreadScroll {
  const log = useRef<HTMLDivElement>(null)
  const top = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const before = useRef({ height: 0, first: '' })
  const [isAtEnd, setIsAtEnd] = useState(true)
  const lastKey = rows.at(-1)?.key ?? ''

  const toEnd = () => {
    follows.current = true
    setIsAtEnd(true)
    if (log.current) log.current.scrollTop = log.current.scrollHeight
  }

  useLayoutEffect(() => {
    const element = log.current
    if (!element) return
    const first = rows[0]?.key ?? ''
    if (follows.current) element.scrollTop = element.scrollHeight
    else if (first !== before.current.first) element.scrollTop += element.scrollHeight - before.current.height
    before.current = { height: element.scrollHeight, first }
  }, [rows])

  // A picture that came, a keyboard that opened: the end moves, and whoever was there goes along.
  useEffect(() => {
    const element = log.current
    if (!element) return
    const sizes = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight
      before.current.height = element.scrollHeight
    })
    sizes.observe(element)
    for (const part of element.children) sizes.observe(part)
    const look = () => {
      follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < endPx
      setIsAtEnd(follows.current)
    }
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])

  useEffect(() => {
    const mark = top.current
    if (!mark || !thread.hasOlder.value) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void thread.older()
      },
      { root: log.current, rootMargin: '600px 0px 0px' },
    )
    observer.observe(mark)
    return () => observer.disconnect()
  }, [thread, thread.hasOlder.value, rows[0]?.key])

  // What one sends oneself is always followed.
  const own = useRef(lastKey)
  useLayoutEffect(() => {
    if (own.current !== lastKey && rows.length > 0 && isOwn(log.current)) toEnd()
    own.current = lastKey
  }, [lastKey])

  return { log, top, isAtEnd, toEnd }
}

function isOwn(log: HTMLElement | null): boolean {
  return log?.querySelector('.talk-lines > :last-child')?.getAttribute('data-own') === 'true'
}
