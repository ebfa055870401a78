import { DeleteAccount } from './delete-account.tsx'
import { EditProfile } from './edit-profile.tsx'
import { EmailState } from './email-state.tsx'
import { Row, Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'
import { StorageUse } from './storage-use.tsx'

/** Who one is here: the profile, the address, the room one takes. */
export function AccountPage() {
  return (
    <SettingsShell title={w('account')} at="/settings/account">
      {(user) => (
        <>
          <Section title={w('profile')}>
            <EditProfile user={user} />
            <Row href="/settings/verification">{w('verification')}</Row>
          </Section>
          <Section title={w('safe.email')}>
            <EmailState user={user} />
          </Section>
          {user.mayInvite ? (
            <Section title={w('invite')}>
              <Row href="/settings/invitations">{w('invite.row')}</Row>
            </Section>
          ) : null}
          <Section title={w('storage')}>
            <StorageUse />
          </Section>
          <Section title={w('data')}>
            <Row href="/settings/your-data">{w('copy')}</Row>
          </Section>
          <Section title={w('leave')} id="leave">
            <DeleteAccount />
          </Section>
        </>
      )}
    </SettingsShell>
  )
}
