import type { Me } from '@heliograph/contract/accounts'
import type { Autoplay } from '@heliograph/contract/preferences'
import { Switch } from '../../ui/field.tsx'
import { Choice } from './choice.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'

const autoplays: readonly Autoplay[] = ['always', 'wifi', 'never']

export function DataUse({ user }: { user: Me }) {
  return (
    <>
      <Switch
        label={w('look.saver')}
        hint={w('look.saver.hint')}
        checked={user.dataSaver}
        onChange={(dataSaver) => void choosePreference({ dataSaver })}
      />
      <Choice
        label={w('look.autoplay')}
        hint={w('look.autoplay.hint')}
        value={user.autoplay}
        options={autoplays.map((value) => ({ value, label: w(`look.autoplay.${value}`) }))}
        onChange={(autoplay) => void choosePreference({ autoplay })}
      />
    </>
  )
}
