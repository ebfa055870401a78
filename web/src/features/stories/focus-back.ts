/**
 * To what had the focus. It may have gone meanwhile (the Story was its author's last one): then to what stands in its place
 * under the same id, or to the heading of the page. Never to nothing, where a keyboard would begin at the top again.
 */
export function giveFocusBack(to: Element | null): void {
  const back = to?.isConnected ? to : (document.getElementById(to?.id ?? '') ?? document.querySelector('h1'))
  if (back instanceof HTMLElement) back.focus({ preventScroll: true })
}

/** Before a drawing that may take away what has the focus. */
export function keepFocus(): void {
  const had = document.activeElement
  requestAnimationFrame(() => {
    if (had && !had.isConnected && document.activeElement === document.body) giveFocusBack(had)
  })
}
