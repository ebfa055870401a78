import { useEffect } from 'preact/hooks'

/** What was made with care is not lost to a slip: the browser asks, in its own words, whether to leave. */
export function useLeavingAsked(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [wanted])
}
