import type { Me } from '@heliograph/contract/accounts'
import { t } from '../lib/i18n.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Badge } from '../ui/badge.tsx'
import { Icon } from '../ui/icon.tsx'
import { followTab, isAtTab, tabsOf } from './tabs.ts'

export function BottomBar({ user }: { user: Me }) {
  return (
    <nav class="bottom-bar" aria-label={t('nav.main')}>
      {tabsOf(user).map((tab) => {
        const { id, label, href, icon, waiting } = tab
        return (
          <a
            key={id}
            href={href}
            class="tab"
            aria-label={waiting?.name ?? label}
            aria-current={isAtTab(tab) ? 'page' : undefined}
            onClick={(event) => followTab(event, href)}
          >
            {icon ? <Icon of={icon} size={26} /> : <Avatar user={user} size={32} />}
            {waiting ? <Badge count={waiting.badge} /> : null}
          </a>
        )
      })}
    </nav>
  )
}
