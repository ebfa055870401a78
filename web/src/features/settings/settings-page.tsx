import { me } from '../../lib/session.ts'
import { wideScreen } from '../../lib/wide-screen.ts'
import { Page } from '../../shell/page.tsx'
import { AccountPage } from './account-page.tsx'
import { SettingsList } from './settings-list.tsx'
import { w } from './settings-words.ts'
import './settings.css'

/** What can be set, as a list of pages; a wide screen has room for the first of them beside it. */
export function SettingsPage() {
  const user = me.value
  if (wideScreen.value) return <AccountPage />
  return (
    <Page title={w('title')} back backTo={user ? `/${user.username}` : '/'}>
      {user ? <SettingsList /> : null}
    </Page>
  )
}
