import { Devices } from './devices.tsx'
import { Factors } from './factors.tsx'
import { PasswordForm } from './password-form.tsx'
import { Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

/** How one signs in, and where one is signed in. */
export function SecurityPage() {
  return (
    <SettingsShell title={w('safe')} at="/settings/security">
      <Section title={w('safe.signIn')}>
        <PasswordForm />
      </Section>
      <Factors />
      <Section title={w('safe.devices')}>
        <Devices />
      </Section>
    </SettingsShell>
  )
}
