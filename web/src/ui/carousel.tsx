import { ChevronLeft, ChevronRight } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../lib/i18n.ts'
import { Icon } from './icon.tsx'
import './carousel.css'

interface CarouselProps {
  label: string
  count: number
  ratio: number
  children: (index: number, near: boolean) => ComponentChildren
  onChange?: (index: number) => void
}

const counterMs = 2500

/** Slides by the browser's own scroll snapping; arrows for keys and, where there is a pointer, for buttons. */
export function Carousel({ label, count, ratio, children, onChange }: CarouselProps) {
  const track = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState(0)
  const [counting, setCounting] = useState(true)

  useEffect(() => {
    setCounting(true)
    const timer = setTimeout(() => setCounting(false), counterMs)
    return () => clearTimeout(timer)
  }, [at])

  function follow(): void {
    const element = track.current
    if (!element || element.clientWidth === 0) return
    const next = Math.min(count - 1, Math.round(Math.abs(element.scrollLeft) / element.clientWidth))
    if (next === at) return
    setAt(next)
    onChange?.(next)
  }

  function go(to: number): void {
    const element = track.current
    if (!element) return
    const bounded = Math.max(0, Math.min(count - 1, to))
    const sign = getComputedStyle(element).direction === 'rtl' ? -1 : 1
    element.scrollTo({ left: sign * bounded * element.clientWidth })
    // At either end the button that was pressed goes away: the keys go on from the slides.
    const isEnd = bounded === 0 || bounded === count - 1
    if (isEnd && document.activeElement?.matches('.carousel-arrow')) element.focus({ preventScroll: true })
  }

  function key(event: KeyboardEvent): void {
    // A player in it may have taken the key for itself.
    if (event.defaultPrevented) return
    const rtl = track.current !== null && getComputedStyle(track.current).direction === 'rtl'
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    go(at + (rtl ? -step : step))
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would mean form controls
    <div
      class="carousel"
      role="group"
      aria-roledescription={t('carousel.role')}
      aria-label={label}
      // From its buttons too: arrow keys move it, as they do any scroller.
      onKeyDown={key}
    >
      <div
        ref={track}
        class="carousel-track"
        style={{ aspectRatio: String(ratio) }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and arrow keys move it
        tabIndex={0}
        onScroll={follow}
      >
        {Array.from({ length: count }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a slide's place is its identity
          <div class="carousel-slide" key={index} inert={index !== at}>
            {children(index, Math.abs(index - at) <= 1)}
          </div>
        ))}
      </div>
      <span class="carousel-count" data-shown={counting} aria-hidden="true">
        {at + 1}/{count}
      </span>
      <span class="unseen" aria-live="polite">
        {t('carousel.position', { at: at + 1, count })}
      </span>
      {at > 0 ? (
        <button
          type="button"
          class="carousel-arrow carousel-back"
          aria-label={t('carousel.back')}
          onClick={() => go(at - 1)}
        >
          <Icon of={ChevronLeft} size={20} />
        </button>
      ) : null}
      {at < count - 1 ? (
        <button
          type="button"
          class="carousel-arrow carousel-on"
          aria-label={t('carousel.on')}
          onClick={() => go(at + 1)}
        >
          <Icon of={ChevronRight} size={20} />
        </button>
      ) : null}
    </div>
  )
}

export function CarouselDots({ count, at }: { count: number; at: number }) {
  return (
    <span class="carousel-dots" aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a dot's place is its identity
        <span key={index} class={index === at ? 'dot dot-on' : 'dot'} />
      ))}
    </span>
  )
}
