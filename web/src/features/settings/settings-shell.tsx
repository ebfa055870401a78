import type { Me } from '@heliograph/contract/accounts'
import { ChevronRight } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { me } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SettingsList, type SettingsPlace } from './settings-list.tsx'
import './settings.css'

interface ShellProps {
  title: string
  /** The line of the list that this page belongs to. */
  at: SettingsPlace
  /** Where “back” leads from pages below those of the list. */
  backTo?: string
  children: ComponentChildren | ((user: Me) => ComponentChildren)
}

/** A page of the settings: alone on phones, beside the list of all of them on wide screens. */
export function SettingsShell({ title, at, backTo = '/settings', children }: ShellProps) {
  const user = me.value
  return (
    <Page title={title} back backTo={backTo} wide>
      {user ? (
        <div class="settings-frame">
          <SettingsList at={at} />
          <div class="settings">{typeof children === 'function' ? children(user) : children}</div>
        </div>
      ) : null}
    </Page>
  )
}

/** One group of parts under a title of its own. */
export function Section({
  title,
  id,
  children,
}: {
  title: string
  id?: string
  children: ComponentChildren
}) {
  return (
    <section class="settings-section" id={id}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** A line that leads to a page of its own. */
export function Row({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a class="settings-row" href={href}>
      {children}
      <Icon of={ChevronRight} size={20} />
    </a>
  )
}
