import type { Me } from '@heliograph/contract/accounts'
import { Bell, Bookmark, Heart, Settings, ShieldCheck, UserPlus } from 'lucide-preact'
import { casesWaiting, doorText, doorTextWaiting } from '../features/moderation/cases-waiting.ts'
import { bellText, unreadCount } from '../features/notifications/unread.ts'
import { t } from '../lib/i18n.ts'
import { moderates } from '../lib/session.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Badge } from '../ui/badge.tsx'
import { Icon } from '../ui/icon.tsx'
import { Mark } from './sun.tsx'
import { followTab, isAtTab, type Tab, tabsOf } from './tabs.ts'

/** Wide screens: the tabs and what phones reach through the profile, along the edge. */
export function Rail({ user }: { user: Me }) {
  const more: Tab[] = [
    { id: 'notifications', label: t('nav.notifications'), href: '/notifications', icon: Bell },
    { id: 'requests', label: t('nav.requests'), href: '/requests', icon: UserPlus },
    { id: 'saved', label: t('nav.saved'), href: '/saved', icon: Bookmark },
    { id: 'likes', label: t('nav.likes'), href: '/likes', icon: Heart },
    { id: 'settings', label: t('nav.settings'), href: '/settings', icon: Settings },
  ]
  const cases = casesWaiting.value
  if (moderates.value)
    more.push({ id: 'moderation', label: doorText(), href: '/moderation', icon: ShieldCheck })
  const waiting: Partial<Record<string, { badge: number; name: string }>> = {
    notifications: { badge: unreadCount.value, name: bellText() },
    requests: {
      badge: user.followRequestCount,
      name: t('nav.requests.count', { count: user.followRequestCount }),
    },
    moderation: { badge: cases, name: doorTextWaiting() },
  }
  return (
    <header class="rail">
      <a class="rail-home" href="/" aria-label="Heliograph" onClick={(event) => followTab(event, '/')}>
        <Mark size={32} />
        <span class="rail-label">Heliograph</span>
      </a>
      <nav aria-label={t('nav.main')}>
        {tabsOf(user).map((tab) => (
          <RailLink key={tab.id} tab={tab} user={user} waiting={tab.waiting} />
        ))}
        <hr />
        {more.map((tab) => (
          <RailLink key={tab.id} tab={tab} user={user} waiting={waiting[tab.id]} />
        ))}
      </nav>
    </header>
  )
}

interface RailLinkProps {
  tab: Tab
  user: Me
  waiting?: { badge: number; name: string } | undefined
}

function RailLink({ tab, user, waiting }: RailLinkProps) {
  const { label, href, icon } = tab
  const badge = waiting?.badge ?? 0
  const name = badge > 0 ? waiting?.name : label
  return (
    <a
      class="rail-link"
      href={href}
      // Where the rail is too narrow for words, the title stands in.
      title={name}
      aria-current={isAtTab(tab) ? 'page' : undefined}
      onClick={(event) => followTab(event, href)}
    >
      <span class="rail-icon">
        {icon ? <Icon of={icon} size={26} /> : <Avatar user={user} size={32} />}
        {badge > 0 ? <Badge count={badge} /> : null}
      </span>
      {/* A number is told with the word that it belongs to; as content, since a label would hide what can be seen. */}
      {badge > 0 ? <span class="unseen">{name}</span> : null}
      <span class="rail-label" aria-hidden={badge > 0}>
        {label}
      </span>
    </a>
  )
}
