import { ArrowLeft } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../lib/i18n.ts'
import { goBack, place } from '../lib/navigation.ts'
import { me } from '../lib/session.ts'
import { Button } from '../ui/button.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { watchScroll } from './scroll.ts'
import './page.css'

interface PageProps {
  /** Of the document; the bar shows it too unless `heading` is given. */
  title: string
  heading?: ComponentChildren
  /** A way back: pages that no tab leads to. */
  back?: boolean
  /** Where back leads when this page was opened directly. */
  backTo?: string
  actions?: ComponentChildren
  /** Beside the column on wide screens. */
  side?: ComponentChildren
  wide?: boolean
  children: ComponentChildren
}

/** A screen: the bar on top that leaves on the way down and returns on the way up, and one column below. */
export function Page({ title, heading, back, backTo, actions, side, wide, children }: PageProps) {
  const [away, setAway] = useState(false)
  useEffect(() => watchScroll(setAway), [])
  useTitle(title)
  return (
    <div class={`page${wide ? ' page-wide' : ''}${side ? ' page-sided' : ''}`}>
      <header class="page-bar" data-away={away}>
        {back ? <IconButton icon={ArrowLeft} label={t('ui.back')} onClick={() => goBack(backTo)} /> : null}
        <h1 tabIndex={-1}>{heading ?? title}</h1>
        <div class="page-actions">{me.value === null ? <WayIn /> : actions}</div>
      </header>
      <div class="page-column">{children}</div>
      {side ? <aside class="page-side">{side}</aside> : null}
    </div>
  )
}

/** Visitors see what is public, and how to come in. */
function WayIn() {
  const { path } = place.value
  return (
    <Button kind="quiet" href={path === '/' ? '/signin' : `/signin?next=${encodeURIComponent(path)}`}>
      {t('nav.signIn')}
    </Button>
  )
}

/** What the tab of the browser says. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === 'Heliograph' ? title : `${title} · Heliograph`
  }, [title])
}
