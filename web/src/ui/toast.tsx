import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { problemText } from '../lib/problem-text.ts'
import './toast.css'

interface Toast {
  id: number
  text: string
  action?: { label: string; perform(): void }
}

const shown = signal<Toast | undefined>(undefined)
const spoken = signal('')
const shownMs = 6000
/** Long enough to have been seen by whoever touches something right after it. */
const seenMs = 1500
let count = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** One line at the foot of the screen for what just happened; the next one takes its place. */
export function toast(text: string, action?: Toast['action']): void {
  if (!text) return
  clearTimeout(timer)
  shown.value = { id: ++count, text, ...(action ? { action } : {}) }
  timer = setTimeout(hide, shownMs)
}

export function toastProblem(error: unknown): void {
  toast(problemText(error))
}

/** Said by screen readers, shown nowhere. */
export function announce(text: string): void {
  // The same words twice are spoken twice only when something changed.
  spoken.value = spoken.value === text ? `${text}\u00a0` : text
}

/** What was said is no longer so. */
export function takeBack(text: string): void {
  if (spoken.peek().trimEnd() === text) spoken.value = ''
}

function hide(): void {
  shown.value = undefined
}

export function ToastHost() {
  const box = useRef<HTMLDivElement>(null)
  const current = shown.value
  useEffect(() => {
    // As a popover it stands above an open sheet; shown again, it stands above a newer one.
    const element = box.current
    if (!element?.showPopover) return
    if (element.matches(':popover-open')) element.hidePopover()
    if (current) element.showPopover()
  }, [current])
  useEffect(() => {
    if (!current || current.action) return undefined
    // Whoever goes on has no need of it, and may want what lies under it.
    const shownAt = performance.now()
    const goOn = () => {
      if (performance.now() - shownAt > seenMs) hide()
    }
    document.addEventListener('pointerdown', goOn)
    return () => document.removeEventListener('pointerdown', goOn)
  }, [current])
  return (
    <>
      <div role="status" class="unseen">
        {spoken.value}
      </div>
      <div ref={box} class="toast" role="status" popover="manual">
        {current ? (
          <div class="toast-inside" key={current.id}>
            <span>{current.text}</span>
            {current.action ? (
              <button
                type="button"
                onClick={() => {
                  current.action?.perform()
                  hide()
                }}
              >
                {current.action.label}
              </button>
            ) : null}
          </div>
        ) : null}
      </div>
    </>
  )
}
