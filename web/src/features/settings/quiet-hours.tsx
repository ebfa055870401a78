import type { Me } from '@heliograph/contract/accounts'
import { useId } from 'preact/hooks'
import { Switch } from '../../ui/field.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'

const usual = { from: '22:00', to: '07:00' }

/** From when until when nothing makes a sound, by the person's own clock. */
export function QuietHours({ user }: { user: Me }) {
  const { quietHours } = user
  const change = (next: typeof usual) => {
    // A field that was emptied, or two that say the same, is no time to be quiet.
    if (next.from && next.to && next.from !== next.to) void choosePreference({ quietHours: next })
  }
  return (
    <>
      <Switch
        label={w('quiet')}
        hint={w('quiet.hint', { zone: user.timeZone })}
        checked={quietHours !== null}
        onChange={(on) => void choosePreference({ quietHours: on ? usual : null })}
      />
      {quietHours ? (
        <>
          <Time
            label={w('quiet.from')}
            value={quietHours.from}
            onChange={(from) => change({ ...quietHours, from })}
          />
          <Time
            label={w('quiet.to')}
            value={quietHours.to}
            onChange={(to) => change({ ...quietHours, to })}
          />
        </>
      ) : null}
    </>
  )
}

function Time({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <div class="settings-row">
      <label for={id}>{label}</label>
      <input id={id} type="time" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
    </div>
  )
}
