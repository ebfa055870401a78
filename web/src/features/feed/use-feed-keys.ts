import { signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import { openSheets } from '../../ui/sheet.tsx'
import { cardsOf } from './cards-of.ts'
import { readAnew } from './read-anew.ts'

const offKey = 'heliograph.keys'
/** Single letters get in the way of some who speak to their device or miss keys: they can be turned off here. */
export const letterKeys = signal(recall())

export function setLetterKeys(on: boolean): void {
  letterKeys.value = on
  try {
    if (on) localStorage.removeItem(offKey)
    else localStorage.setItem(offKey, 'off')
  } catch {}
}

function recall(): boolean {
  try {
    return localStorage.getItem(offKey) !== 'off'
  } catch {
    return true
  }
}

/**
 * The keys that feeds are walked with: Page Down and Page Up from post to post, J and K the same from wherever one is,
 * R reads anew and ? says all this. None of them while something is typed or lies over the page.
 */
export function useFeedKeys(feed: RefObject<HTMLElement | null>, explain: () => void): void {
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (openSheets.peek() > 0 || isTyping(event.target)) return
      if (event.key === 'PageDown' || event.key === 'PageUp') {
        if (feed.current?.contains(document.activeElement)) walk(event, event.key === 'PageDown' ? 1 : -1)
        return
      }
      if (event.key === '?') {
        event.preventDefault()
        explain()
      }
      if (!letterKeys.peek()) return
      const letter = event.key.toLowerCase()
      if (letter === 'j') walk(event, 1)
      else if (letter === 'k') walk(event, -1)
      else if (letter === 'r') void readAnew()
    }

    function walk(event: KeyboardEvent, step: 1 | -1): void {
      const next = neighbour(cardsOf(feed.current), step)
      if (!next) return
      event.preventDefault()
      next.focus({ preventScroll: true })
      next.scrollIntoView({ block: 'start' })
    }

    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [feed, explain])
}

/** From the post that has the focus; without one, from where the eye is. */
function neighbour(cards: readonly HTMLElement[], step: 1 | -1): HTMLElement | undefined {
  const focused = cards.findIndex((card) => card.contains(document.activeElement))
  if (focused >= 0) return cards[focused + step]
  const below = cards.findIndex((card) => card.getBoundingClientRect().bottom > innerHeight / 3)
  return step === 1 ? cards[below] : cards[below - 1]
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}
