import type { Me } from '@heliograph/contract/accounts'
import { t } from '../lib/i18n.ts'
import { place } from '../lib/navigation.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icon.tsx'
import { followTab, tabsOf } from './tabs.ts'

export function BottomBar({ user }: { user: Me }) {
  return (
    <nav class="bottom-bar" aria-label={t('nav.main')}>
      {tabsOf(user).map(({ id, label, href, icon }) => {
        const here = place.value.path === href
        return (
          <a
            key={id}
            href={href}
            class="tab"
            aria-label={label}
            aria-current={here ? 'page' : undefined}
            onClick={(event) => followTab(event, href)}
          >
            {icon ? <Icon of={icon} size={26} /> : <Avatar user={user} size={32} />}
          </a>
        )
      })}
    </nav>
  )
}
