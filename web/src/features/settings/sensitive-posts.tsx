import { Switch } from '../../ui/field.tsx'
import { setShowsSensitive, showsSensitive } from '../moderation/sensitive.tsx'
import { w } from './settings-words.ts'

export function SensitivePosts() {
  return (
    <Switch
      label={w('sensitive')}
      hint={w('sensitive.hint')}
      checked={showsSensitive.value}
      onChange={setShowsSensitive}
    />
  )
}
