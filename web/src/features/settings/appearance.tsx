import type { Me } from '@heliograph/contract/accounts'
import { useId } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { languages, setLanguage } from '../../lib/i18n.ts'
import { optimistic } from '../../lib/optimistic.ts'
import { problemText } from '../../lib/problem-text.ts'
import { applyTheme, me, welcome } from '../../lib/session.ts'
import { Switch } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { setShowsSensitive, showsSensitive } from '../moderation/sensitive.tsx'
import { w } from './settings-words.ts'

type Choices = Pick<Me, 'language' | 'theme' | 'dataSaver' | 'timeZone'>

const names: Record<string, string> = { en: 'English', de: 'Deutsch' }
const themes = ['system', 'light', 'dark'] as const

/** Each choice holds at once; when the server does not take it, it goes back. */
export function Appearance({ user }: { user: Me }) {
  return (
    <>
      <Choice
        label={w('look.language')}
        value={user.language}
        options={languages.map((value) => ({ value, label: names[value] ?? value }))}
        onChange={(language) => void choose({ language: language as Me['language'] & ('en' | 'de') })}
      />
      <Choice
        label={w('look.theme')}
        value={user.theme}
        options={themes.map((value) => ({ value, label: w(`look.theme.${value}`) }))}
        onChange={(theme) => void choose({ theme: theme as Me['theme'] })}
      />
      <Choice
        label={w('look.zone')}
        value={user.timeZone}
        options={zones(user.timeZone).map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
        onChange={(timeZone) => void choose({ timeZone })}
      />
      <Switch
        label={w('look.saver')}
        hint={w('look.saver.hint')}
        checked={user.dataSaver}
        onChange={(dataSaver) => void choose({ dataSaver })}
      />
      <Switch
        label={w('look.sensitive')}
        hint={w('look.sensitive.hint')}
        checked={showsSensitive.value}
        onChange={setShowsSensitive}
      />
    </>
  )
}

async function choose(patch: Partial<Choices> & { language?: 'en' | 'de' }): Promise<void> {
  const before = me.value
  if (!before) return
  await optimistic({
    apply: () => show({ ...before, ...patch }),
    call: () => call('PATCH /api/me', { body: patch }),
    settle: welcome,
    revert: () => show(before),
    failed: (error) => toast(problemText(error)),
  })
}

function show(user: Me): void {
  me.value = user
  applyTheme(user.theme)
  void setLanguage(user.language === 'de' ? 'de' : 'en')
}

/** Older browsers cannot list them: then the present one stands alone. */
function zones(current: string): string[] {
  const known = Intl.supportedValuesOf?.('timeZone') ?? []
  return known.includes(current) ? known : [current, ...known]
}

interface ChoiceProps {
  label: string
  value: string
  options: readonly { value: string; label: string }[]
  onChange: (value: string) => void
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const id = useId()
  return (
    <div class="settings-row">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  )
}
