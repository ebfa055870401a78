import type { Me } from '@heliograph/contract/accounts'
import { ChevronRight } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { problemText } from '../../lib/problem-text.ts'
import { me, moderates, signOut } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { toast } from '../../ui/toast.tsx'
import { casesWaiting, countCases, countText } from '../moderation/cases-waiting.ts'
import { EditProfileSheet } from '../profile/edit-profile-sheet.tsx'
import { Appearance } from './appearance.tsx'
import { Devices } from './devices.tsx'
import { EmailState } from './email-state.tsx'
import { PasswordForm } from './password-form.tsx'
import { w } from './settings-words.ts'
import { StorageUse } from './storage-use.tsx'
import './settings.css'

export function SettingsPage() {
  const user = me.value
  return (
    <Page title={w('title')} back backTo={user ? `/${user.username}` : '/'}>
      {user ? <Sections user={user} /> : null}
    </Page>
  )
}

function Sections({ user }: { user: Me }) {
  const [editing, setEditing] = useState(false)
  return (
    <div class="settings">
      <Section title={w('profile')}>
        <button type="button" class="settings-row" onClick={() => setEditing(true)}>
          {w('profile.edit')}
          <Icon of={ChevronRight} size={20} />
        </button>
        <Row href="/settings/favourites">{w('profile.favourites')}</Row>
        <Row href="/settings/personalisation">{w('personalisation')}</Row>
        <Row href="/settings/blocked">{w('profile.blocked')}</Row>
        <Row href="/settings/muted">{w('profile.muted')}</Row>
        {moderates.value ? <ModerationRow /> : null}
      </Section>
      <Section title={w('look')}>
        <Appearance user={user} />
      </Section>
      <Section title={w('storage')}>
        <StorageUse />
      </Section>
      <Section title={w('safe')}>
        <EmailState user={user} />
        <PasswordForm />
        <Devices />
      </Section>
      <p class="settings-out">
        <Button kind="danger" wide onClick={() => void leave()}>
          {w('out')}
        </Button>
      </p>
      {editing ? <EditProfileSheet user={user} onClose={() => setEditing(false)} /> : null}
    </div>
  )
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="settings-section">
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function Row({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a class="settings-row" href={href}>
      {children}
      <Icon of={ChevronRight} size={20} />
    </a>
  )
}

function ModerationRow() {
  const { count, isMore } = casesWaiting.value
  useEffect(() => void countCases(), [])
  return (
    <Row href="/moderation">
      <span>{w('moderation')}</span>
      {count > 0 ? (
        <span class="quiet">{w('moderation.waiting', { count: countText({ count, isMore }) })}</span>
      ) : null}
    </Row>
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
