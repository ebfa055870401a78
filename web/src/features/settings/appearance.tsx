import type { Me } from '@heliograph/contract/accounts'
import { languages } from '../../lib/i18n.ts'
import { Choice } from './choice.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'

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
      <Choice
        label={w('look.zone')}
        value={user.timeZone}
        options={zones(user.timeZone).map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
        onChange={(timeZone) => void choosePreference({ timeZone })}
      />
    </>
  )
}

/** Older browsers cannot list them: then the present one stands alone. */
function zones(current: string): string[] {
  const known = Intl.supportedValuesOf?.('timeZone') ?? []
  return known.includes(current) ? known : [current, ...known]
}
