import type { Me } from '@heliograph/contract/accounts'
import { Switch } from '../../ui/field.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'

/** What sharing begins with; each post can say otherwise. */
export function SharingChoices({ user }: { user: Me }) {
  return (
    <Switch
      label={w('look.camera')}
      hint={w('look.camera.hint')}
      checked={user.shareMetadata}
      onChange={(shareMetadata) => void choosePreference({ shareMetadata })}
    />
  )
}
