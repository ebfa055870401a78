import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { fetchAhead, mayFetchAhead } from './fetch-ahead.ts'

const aheadMax = 5

/**
 * The first picture of each of the next five posts is fetched ahead: only on a line that is known to be quick, and never
 * where data is saved. What is no longer next, because one went back or away, is called off.
 */
export function useAhead(feed: RefObject<HTMLElement | null>, drawn: number): void {
  const last = useLastInView(feed, drawn)
  const ahead = useRef(new Map<HTMLImageElement, HTMLImageElement>())
  const mayFetch = mayFetchAhead.value

  useEffect(() => {
    const next = mayFetch && last > 0 ? picturesAfter(feed.current, last) : []
    fetchAhead(ahead.current, next)
  }, [feed, mayFetch, last, drawn])
  useEffect(() => () => fetchAhead(ahead.current, []), [])
}

/** The position of the lowest post that is in sight; 0 while none is. */
function useLastInView(feed: RefObject<HTMLElement | null>, drawn: number): number {
  const [last, setLast] = useState(0)
  useEffect(() => {
    const inView = new Set<number>()
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) inView.add(positionOf(target))
        else inView.delete(positionOf(target))
      }
      if (inView.size > 0) setLast(Math.max(...inView))
    })
    for (const card of cardsOf(feed.current)) observer.observe(card)
    return () => observer.disconnect()
  }, [feed, drawn])
  return last
}

function cardsOf(feed: HTMLElement | null): Element[] {
  return [...(feed?.querySelectorAll(':scope > [aria-posinset]') ?? [])]
}

function positionOf(card: Element): number {
  return Number(card.getAttribute('aria-posinset'))
}

/** What is covered, or being prepared, has no picture and is left alone. */
function picturesAfter(feed: HTMLElement | null, last: number): HTMLImageElement[] {
  return cardsOf(feed)
    .filter((card) => positionOf(card) > last && positionOf(card) <= last + aheadMax)
    .flatMap((card) => card.querySelector<HTMLImageElement>('.photo img') ?? [])
}
