import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { createPostLooks } from './post-looks.ts'
import { onPause, tell } from './signals.ts'

/** Half of the picture in sight. */
const share = 0.5

/**
 * Tells which posts were looked at, and for how long: those inside `root` whose pictures carry their id. What is turned
 * out of sight, or is out of sight with the whole page, is not being looked at. `drawn` says when there are others; those
 * that stay are looked at on.
 */
export function useImpressions(
  root: RefObject<HTMLElement | null>,
  surface: string,
  ...drawn: readonly unknown[]
): void {
  const watch = useRef<ReturnType<typeof watchPictures>>(null)

  useEffect(() => {
    const watching = watchPictures(surface)
    watch.current = watching
    return () => {
      watch.current = null
      watching.stop()
    }
  }, [surface])

  useEffect(() => {
    watch.current?.look(root.current?.querySelectorAll('[data-photo]') ?? [])
  }, [root, surface, ...drawn])
}

function watchPictures(surface: string) {
  const looks = createPostLooks((postId, dwellMs) => tell({ kind: 'impression', postId, surface, dwellMs }))
  const inSight = new Map<Element, string>()
  let watched = new Set<Element>()

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, intersectionRatio } of entries)
        if (isIntersecting && intersectionRatio >= share) enter(target)
        else leave(target)
    },
    { threshold: share },
  )

  function enter(picture: Element): void {
    const postId = picture.getAttribute('data-photo')
    if (!postId) return
    inSight.set(picture, postId)
    if (!document.hidden) looks.begin(postId)
  }

  function leave(picture: Element): void {
    const postId = inSight.get(picture)
    if (postId !== undefined) looks.pause(postId)
    inSight.delete(picture)
  }

  function resume(): void {
    if (!document.hidden) for (const postId of inSight.values()) looks.begin(postId)
  }
  const unlisten = onPause(looks.endAll)
  document.addEventListener('visibilitychange', resume)

  return {
    /** At these alone. */
    look(pictures: Iterable<Element>) {
      const wanted = new Set(pictures)
      for (const picture of watched)
        if (!wanted.has(picture)) {
          observer.unobserve(picture)
          leave(picture)
        }
      for (const picture of wanted) if (!watched.has(picture)) observer.observe(picture)
      watched = wanted
    },
    stop() {
      looks.endAll()
      unlisten()
      observer.disconnect()
      document.removeEventListener('visibilitychange', resume)
    },
  }
}
