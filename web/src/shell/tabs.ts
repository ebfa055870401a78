import type { Me } from '@heliograph/contract/accounts'
import { House, type LucideIcon, Search, SquarePlus } from 'lucide-preact'
import { t } from '../lib/i18n.ts'
import { navigate, place } from '../lib/navigation.ts'

export interface Tab {
  readonly id: string
  readonly label: string
  readonly href: string
  /** Without one the person's picture stands there. */
  readonly icon?: LucideIcon
}

/** The places a thumb reaches from everywhere; the bar has room for five. */
export function tabsOf(user: Me): readonly Tab[] {
  return [
    { id: 'home', label: t('nav.home'), href: '/', icon: House },
    { id: 'find', label: t('nav.find'), href: '/search', icon: Search },
    { id: 'share', label: t('nav.share'), href: '/share', icon: SquarePlus },
    { id: 'you', label: t('nav.you'), href: `/${user.username}` },
  ]
}

const refreshers = new Map<string, () => void>()

/** What a tap on the tab does when one is there already, besides going to the top. */
export function onTabAgain(path: string, refresh: () => void): () => void {
  refreshers.set(path, refresh)
  return () => {
    if (refreshers.get(path) === refresh) refreshers.delete(path)
  }
}

export function followTab(event: MouseEvent, href: string): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  if (place.value.path !== href) {
    navigate(href)
    return
  }
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  scrollTo({ top: 0, behavior: still ? 'auto' : 'smooth' })
  refreshers.get(href)?.()
}
