import type { Me } from '@heliograph/contract/accounts'
import { languages } from '../../lib/i18n.ts'
import { Choice } from './choice.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'
import { TimeZone } from './time-zone.tsx'

const names: Record<string, string> = { en: 'English', de: 'Deutsch' }
const themes = ['system', 'light', 'dark'] as const

export function Appearance({ user }: { user: Me }) {
  return (
    <>
      <Choice
        label={w('look.language')}
        value={user.language === 'de' ? 'de' : 'en'}
        options={languages.map((value) => ({ value, label: names[value] ?? value }))}
        onChange={(language) => void choosePreference({ language })}
      />
      <Choice
        label={w('look.theme')}
        value={user.theme}
        options={themes.map((value) => ({ value, label: w(`look.theme.${value}`) }))}
        onChange={(theme) => void choosePreference({ theme })}
      />
      <TimeZone user={user} />
    </>
  )
}
