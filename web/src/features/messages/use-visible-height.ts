import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

/**
 * Keeps an element as high as what is seen of the page. A keyboard on the screen covers the page in some browsers
 * instead of making it smaller, and moves it up by as much as it likes.
 */
export function useVisibleHeight(box: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const view = window.visualViewport
    if (!view) return
    function fit(): void {
      const element = box.current
      if (!element || !view) return
      const covered = view.scale === 1 && innerHeight - view.height > 1
      element.style.setProperty('--seen', covered ? `${view.height}px` : '')
      element.style.setProperty('--up', covered ? `${view.offsetTop}px` : '')
    }
    fit()
    view.addEventListener('resize', fit)
    view.addEventListener('scroll', fit)
    return () => {
      view.removeEventListener('resize', fit)
      view.removeEventListener('scroll', fit)
    }
  }, [box])
}
