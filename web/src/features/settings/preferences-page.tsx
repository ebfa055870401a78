import { Appearance } from './appearance.tsx'
import { DataUse } from './data-use.tsx'
import { FeedChoice } from './feed-choice.tsx'
import { Row, Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'
import { SharingChoices } from './sharing-choices.tsx'

/** How Heliograph looks and behaves for one, on every device. */
export function PreferencesPage() {
  return (
    <SettingsShell title={w('look')} at="/settings/preferences">
      {(user) => (
        <>
          <Section title={w('look.page')}>
            <Appearance user={user} />
          </Section>
          <Section title={w('look.data')}>
            <DataUse user={user} />
          </Section>
          <Section title={w('look.feed')}>
            <FeedChoice />
            <Row href="/settings/favourites">{w('profile.favourites')}</Row>
            <Row href="/settings/personalisation">{w('personalisation')}</Row>
          </Section>
          <Section title={w('look.sharing')}>
            <SharingChoices user={user} />
          </Section>
        </>
      )}
    </SettingsShell>
  )
}
