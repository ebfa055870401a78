import { type EditName, editOf, editRanges } from '@heliograph/contract/edits'
import { Aperture, Contrast, Droplet, Sun, Thermometer, Triangle } from 'lucide-preact'
import { useId, useState } from 'preact/hooks'
import { Icon } from '../../ui/icon.tsx'
import { type Choices, withEdits } from './choices.ts'
import { EditSlider } from './edit-slider.tsx'
import { e } from './edit-words.ts'

const adjustments = [
  { name: 'brightness', icon: Sun },
  { name: 'contrast', icon: Contrast },
  { name: 'warmth', icon: Thermometer },
  { name: 'saturation', icon: Droplet },
  { name: 'sharpen', icon: Triangle },
  { name: 'vignette', icon: Aperture },
] as const satisfies readonly { name: EditName; icon: unknown }[]

/** Of a film only colours are changed. */
const forFilms = adjustments.filter(({ name }) => name !== 'sharpen' && name !== 'vignette')

interface PanelProps {
  isFilm: boolean
  choices: Choices
  onChange: (choices: Choices) => void
}

/** One slider at a time; a dot marks what has been moved. */
export function AdjustPanel({ isFilm, choices, onChange }: PanelProps) {
  const group = useId()
  const [chosen, setChosen] = useState<(typeof adjustments)[number]['name']>('brightness')
  return (
    <>
      <fieldset class="edit-adjustments">
        <legend class="unseen">{e('tab.adjust')}</legend>
        {(isFilm ? forFilms : adjustments).map(({ name, icon }) => {
          const isMoved = editOf(choices.edits, name) !== editRanges[name].neutral
          return (
            <label key={name} class={isMoved ? 'moved' : ''}>
              <input type="radio" name={group} checked={name === chosen} onChange={() => setChosen(name)} />
              <span class="edit-mark">
                <Icon of={icon} size={22} />
              </span>
              <span>{e(`adjust.${name}`)}</span>
            </label>
          )
        })}
      </fieldset>
      <EditSlider
        key={chosen}
        label={e(`adjust.${chosen}`)}
        value={editOf(choices.edits, chosen)}
        range={editRanges[chosen]}
        onChange={(value) => onChange(withEdits(choices, { [chosen]: value }))}
      />
    </>
  )
}
