import {
  Bell,
  ChevronRight,
  Info,
  KeyRound,
  Lock,
  LogOut,
  type LucideIcon,
  ShieldCheck,
  SlidersHorizontal,
  UserRound,
} from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { moderates, signOut } from '../../lib/session.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { toast } from '../../ui/toast.tsx'
import { casesWaiting, countCases, doorText } from '../moderation/cases-waiting.ts'
import { w } from './settings-words.ts'

const places = [
  { href: '/settings/account', icon: UserRound, words: 'account' },
  { href: '/settings/security', icon: KeyRound, words: 'safe' },
  { href: '/settings/privacy', icon: Lock, words: 'privacy' },
  { href: '/settings/preferences', icon: SlidersHorizontal, words: 'look' },
  { href: '/settings/notifications', icon: Bell, words: 'notify' },
] as const
export type SettingsPlace = (typeof places)[number]['href']

/** The pages of the settings, each with what is found there. Wide screens keep it beside the page. */
export function SettingsList({ at }: { at?: SettingsPlace }) {
  return (
    <nav class={at ? 'settings-nav settings-beside' : 'settings-nav'} aria-label={w('title')}>
      {places.map(({ href, icon, words }) => (
        <Line
          key={href}
          href={href}
          icon={icon}
          title={w(words)}
          hint={w(`${words}.hint`)}
          current={href === at}
        />
      ))}
      {moderates.value ? <ModerationLine /> : null}
      <Line href="/about" icon={Info} title={t('nav.about')} />
      <button type="button" class="settings-row settings-leave" onClick={() => void leave()}>
        <Icon of={LogOut} />
        <span>{w('out')}</span>
      </button>
    </nav>
  )
}

function ModerationLine() {
  const count = casesWaiting.value
  useEffect(() => void countCases(), [])
  return (
    <Line
      href="/moderation"
      icon={ShieldCheck}
      title={doorText()}
      hint={count > 0 ? w('moderation.waiting', { count }) : undefined}
    />
  )
}

interface LineProps {
  href: string
  icon: LucideIcon
  title: string
  hint?: string | undefined
  current?: boolean
}

function Line({ href, icon, title, hint, current }: LineProps) {
  return (
    <a class="settings-row" href={href} aria-current={current ? 'page' : undefined}>
      <Icon of={icon} />
      <span>
        {title}
        {hint ? <span class="settings-note">{hint}</span> : null}
      </span>
      <Icon of={ChevronRight} size={20} />
    </a>
  )
}

async function leave(): Promise<void> {
  const sure = await confirmAction({
    title: w('out.title'),
    text: w('out.text'),
    action: w('out'),
    danger: true,
  })
  if (sure) await signOut().catch((error) => toast(problemText(error)))
}
