import { useEffect, useRef } from 'preact/hooks'
import { t } from '../lib/i18n.ts'
import type { Paginator } from '../lib/paging.ts'
import { problemText } from '../lib/problem-text.ts'
import { Button } from './button.tsx'
import './list-end.css'

/** Asks for the next page before its end comes into sight; after an error it waits for the person. */
export function ListEnd<T>({ list, root }: { list: Paginator<T>; root?: Element | null }) {
  const mark = useRef<HTMLDivElement>(null)
  const status = list.status.value

  useEffect(() => {
    const element = mark.current
    if (!element || status !== 'idle') return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void list.more()
      },
      { root: root ?? null, rootMargin: '1200px 0px' },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [list, status, root])

  if (status === 'done') return null
  return (
    <div ref={mark} class="list-end">
      {status === 'error' && list.items.value.length > 0 ? (
        <>
          <p class="quiet">{problemText(list.problem.value)}</p>
          <Button onClick={() => void list.more()}>{t('ui.retry')}</Button>
        </>
      ) : null}
    </div>
  )
}
