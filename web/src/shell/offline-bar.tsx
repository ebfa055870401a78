import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../lib/i18n.ts'

/** A line at the foot of the screen. What else stands there makes room for it, by `--offline`. */
export function OfflineBar() {
  const line = useRef<HTMLParagraphElement>(null)
  useLayoutEffect(() => {
    const root = document.documentElement
    const measure = () => root.style.setProperty('--offline', `${line.current?.offsetHeight ?? 0}px`)
    measure()
    addEventListener('resize', measure)
    return () => {
      removeEventListener('resize', measure)
      root.style.removeProperty('--offline')
    }
  }, [])
  return (
    <p ref={line} class="offline" role="status">
      {t('offline.banner')}
    </p>
  )
}
