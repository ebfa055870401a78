import type { Digest } from '@heliograph/contract/preferences'
import { Choice } from './choice.tsx'
import { choosePreference } from './choose-preference.ts'
import { NotificationChoices } from './notification-choices.tsx'
import { PushChoices } from './push-choices.tsx'
import { QuietHours } from './quiet-hours.tsx'
import { Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

const digests: readonly Digest[] = ['off', 'daily', 'weekly']

/** Of whose doings one wants to be told, how, and when. */
export function NotificationsPage() {
  return (
    <SettingsShell title={w('notify')} at="/settings/notifications">
      {(user) => (
        <>
          <Section title={w('notify.people')}>
            <NotificationChoices user={user} />
          </Section>
          <Section title={w('push')}>
            <PushChoices user={user} />
            <QuietHours user={user} />
          </Section>
          <Section title={w('digest')}>
            <Choice
              label={w('digest.often')}
              hint={w('digest.hint')}
              value={user.digest}
              options={digests.map((value) => ({ value, label: w(`digest.${value}`) }))}
              onChange={(digest) => void choosePreference({ digest })}
            />
          </Section>
          <Section title={w('notify.security')}>
            <p class="settings-row">{w('notify.security.text')}</p>
          </Section>
        </>
      )}
    </SettingsShell>
  )
}
