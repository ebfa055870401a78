import type { Me } from '@heliograph/contract/accounts'
import { House, type LucideIcon, MessageCircle, Search, SquarePlus } from 'lucide-preact'
import { inboxCount } from '../features/messages/inbox-count.ts'
import { t } from '../lib/i18n.ts'
import { navigate, place } from '../lib/navigation.ts'

export interface Tab {
  readonly id: string
  readonly label: string
  readonly href: string
  /** Without one the person's picture stands there. */
  readonly icon?: LucideIcon
  /** How much waits there, and what it is called then. */
  readonly waiting?: { readonly badge: number; readonly name: string }
}

/** The places a thumb reaches from everywhere; the bar has room for five. */
export function tabsOf(user: Me): readonly Tab[] {
  return [
    { id: 'home', label: t('nav.home'), href: '/', icon: House },
    { id: 'find', label: t('nav.find'), href: '/search', icon: Search },
    { id: 'share', label: t('nav.share'), href: '/share', icon: SquarePlus },
    messagesTab(),
    { id: 'you', label: t('nav.you'), href: `/${user.username}` },
  ]
}

function messagesTab(): Tab {
  const { unread } = inboxCount.value
  const tab = { id: 'messages', label: t('nav.messages'), href: '/messages', icon: MessageCircle }
  return unread > 0
    ? { ...tab, waiting: { badge: unread, name: t('nav.messages.count', { count: unread }) } }
    : tab
}

/** On it, or in the room behind it. */
export function isAtTab({ id, href }: Tab): boolean {
  const { path } = place.value
  return path === href || (id === 'messages' && path.startsWith(`${href}/`))
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
