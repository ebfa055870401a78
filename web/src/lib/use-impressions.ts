import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import { onPause, tell } from './signals.ts'

/** Half of the picture in sight, for longer than it takes to scroll past. */
const share = 0.5
const shortestMs = 300

/**
 * Tells which posts were looked at, and for how long: those inside `root` whose pictures carry their id. What is turned
 * out of sight, or is out of sight with the whole page, is not being looked at. `drawn` says when there are new ones.
 */
export function useImpressions(root: RefObject<HTMLElement | null>, surface: string, drawn: unknown): void {
  useEffect(() => {
    const inSight = new Set<Element>()
    const since = new Map<Element, number>()

    function end(picture: Element): void {
      const began = since.get(picture)
      since.delete(picture)
      const postId = picture.getAttribute('data-photo')
      const dwellMs = began === undefined ? 0 : Math.round(performance.now() - began)
      if (postId && dwellMs >= shortestMs) tell({ kind: 'impression', postId, surface, dwellMs })
    }

    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting, intersectionRatio } of entries) {
          if (isIntersecting && intersectionRatio >= share) {
            inSight.add(target)
            if (!document.hidden && !since.has(target)) since.set(target, performance.now())
          } else {
            inSight.delete(target)
            end(target)
          }
        }
      },
      { threshold: share },
    )
    for (const picture of root.current?.querySelectorAll('[data-photo]') ?? []) observer.observe(picture)

    const endAll = () => [...since.keys()].forEach(end)
    function resume(): void {
      if (!document.hidden) for (const picture of inSight) since.set(picture, performance.now())
    }
    const unlisten = onPause(endAll)
    document.addEventListener('visibilitychange', resume)
    return () => {
      endAll()
      unlisten()
      observer.disconnect()
      document.removeEventListener('visibilitychange', resume)
    }
  }, [root, surface, drawn])
}
