import { NotificationChoices } from './notification-choices.tsx'
import { Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

/** Of whose doings one wants to be told. */
export function NotificationsPage() {
  return (
    <SettingsShell title={w('notify')} at="/settings/notifications">
      {(user) => (
        <>
          <Section title={w('notify.people')}>
            <NotificationChoices user={user} />
            <p class="settings-row quiet">{w('notify.soon')}</p>
          </Section>
          <Section title={w('notify.security')}>
            <p class="settings-row">{w('notify.security.text')}</p>
          </Section>
        </>
      )}
    </SettingsShell>
  )
}
