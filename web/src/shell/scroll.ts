const patienceMs = 2000

/**
 * Scrolls to where one was. When the page is not long enough yet, it tries again as the page grows, until the
 * person scrolls or it has waited long enough.
 */
export function keepScroll(top: number): () => void {
  scrollTo(0, top)
  if (top === 0 || reached(top)) return () => undefined
  const grown = new ResizeObserver(() => {
    scrollTo(0, top)
    if (reached(top)) stop()
  })
  const timer = setTimeout(stop, patienceMs)
  const signs = ['wheel', 'touchmove', 'keydown'] as const
  function stop(): void {
    clearTimeout(timer)
    grown.disconnect()
    for (const sign of signs) removeEventListener(sign, stop)
  }
  for (const sign of signs) addEventListener(sign, stop, { passive: true })
  grown.observe(document.body)
  return stop
}

function reached(top: number): boolean {
  return Math.abs(scrollY - top) < 2
}

/** Whether the person is scrolling away from the top: bars leave then, and return on the way up. */
export function watchScroll(change: (away: boolean) => void): () => void {
  let last = scrollY
  let away = false
  function moved(): void {
    const step = scrollY - last
    if (Math.abs(step) < 8 && scrollY > 0) return
    last = scrollY
    const next = step > 0 && scrollY > 120
    if (next !== away) {
      away = next
      change(away)
    }
  }
  addEventListener('scroll', moved, { passive: true })
  return () => removeEventListener('scroll', moved)
}
