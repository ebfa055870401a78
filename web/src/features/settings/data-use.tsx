import type { Me } from '@heliograph/contract/accounts'
import { Switch } from '../../ui/field.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'

export function DataUse({ user }: { user: Me }) {
  return (
    <Switch
      label={w('look.saver')}
      hint={w('look.saver.hint')}
      checked={user.dataSaver}
      onChange={(dataSaver) => void choosePreference({ dataSaver })}
    />
  )
}
