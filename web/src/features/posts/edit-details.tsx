import type { PostMedia } from '@heliograph/contract/posts'
import { t } from '../../lib/i18n.ts'
import { NoteLines, Switch } from '../../ui/field.tsx'
import { detailsLine } from './camera-details.tsx'

interface EditDetailsProps {
  media: readonly PostMedia[]
  shown: boolean
  onChange: (shown: boolean) => void
}

/** Whether others read what the cameras wrote, with the very words; absent where they wrote nothing. */
export function EditDetails({ media, shown, onChange }: EditDetailsProps) {
  const lines = [...new Set(media.map((one) => detailsLine(one.metadata)))].filter((line) => line !== '')
  if (lines.length === 0) return null
  return (
    <Switch
      label={t('edit.details')}
      hint={<NoteLines lines={[t(shown ? 'edit.details.shown' : 'edit.details.hidden'), ...lines]} />}
      checked={shown}
      onChange={onChange}
    />
  )
}
