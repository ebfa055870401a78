import { PersonalCopy } from './personal-copy.tsx'
import { Row, Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

/** What the server has of one: to take along, to look at, to be rid of. */
export function YourDataPage() {
  return (
    <SettingsShell title={w('data')} at="/settings/account" backTo="/settings/account">
      {() => (
        <>
          <Section title={w('copy')}>
            <PersonalCopy />
          </Section>
          <Section title={w('data.more')}>
            <Row href="/settings/personalisation">{w('data.learned')}</Row>
            <Row href="/settings/account#leave">{w('leave')}</Row>
          </Section>
        </>
      )}
    </SettingsShell>
  )
}
