import type { Me } from '@heliograph/contract/accounts'
import { Check, ChevronRight } from 'lucide-preact'
import { useMemo, useState } from 'preact/hooks'
import { dateLocale } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'
import { describeZone, deviceZone, listZones, matchZones, type Zone } from './time-zones.ts'

/** In which zone days begin and times are told; where the device is elsewhere its zone is one tap away. */
export function TimeZone({ user }: { user: Me }) {
  const [open, setOpen] = useState(false)
  const now = new Date()
  const chosen = describeZone(user.timeZone, now)
  const here = describeZone(deviceZone(), now)
  return (
    <>
      <button type="button" class="settings-row" onClick={() => setOpen(true)}>
        <span>
          {w('look.zone')}
          <span class="settings-note">{zoneText(chosen, now)}</span>
        </span>
        <Icon of={ChevronRight} size={20} />
      </button>
      {here.name === chosen.name ? null : (
        <div class="settings-row">
          <span>
            {w('look.zone.here', { city: here.city })}
            <span class="settings-note">{zoneText(here, now)}</span>
          </span>
          <Button onClick={() => void choosePreference({ timeZone: here.name })}>{w('look.zone.use')}</Button>
        </div>
      )}
      {open ? <ZoneSheet chosen={chosen.name} here={here.name} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

interface ZoneSheetProps {
  chosen: string
  here: string
  onClose: () => void
}

function ZoneSheet({ chosen, here, onClose }: ZoneSheetProps) {
  const [wanted, setWanted] = useState('')
  const now = useMemo(() => new Date(), [])
  const zones = useMemo(() => listZones(chosen, now), [chosen, now])
  const found = matchZones(zones, wanted)
  // Before anything is typed the likely ones stand first.
  const first = wanted === '' ? zones.filter(({ name }) => name === here || name === chosen) : []
  return (
    <Sheet title={w('look.zone')} tall onClose={onClose}>
      <div class="sheet-form">
        <TextField
          label={w('look.zone.search')}
          type="search"
          value={wanted}
          onInput={setWanted}
          placeholder={w('look.zone.search.hint')}
        />
      </div>
      <p class="unseen" role="status">
        {w('look.zone.found', { count: found.length })}
      </p>
      <ul aria-label={w('look.zone')}>
        {[...first, ...found.filter((zone) => !first.includes(zone))].map((zone) => (
          <li key={zone.name}>
            <button
              type="button"
              class="settings-row"
              aria-pressed={zone.name === chosen}
              onClick={() => {
                onClose()
                if (zone.name !== chosen) void choosePreference({ timeZone: zone.name })
              }}
            >
              <span>
                {zone.city}
                <span class="settings-note">{zoneText(zone, now)}</span>
              </span>
              {zone.name === chosen ? <Icon of={Check} size={20} /> : null}
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="settings-row quiet">{w('look.zone.none')}</p> : null}
    </Sheet>
  )
}

/** "Europe · UTC+1 · 14:05": what o'clock it is there says more than a number. */
function zoneText({ name, city, region, offset }: Zone, now: Date): string {
  const clock = new Intl.DateTimeFormat(dateLocale(), { hour: 'numeric', minute: '2-digit', timeZone: name })
  return [region || city, offset, clock.format(now)].filter(Boolean).join(' · ')
}
