import type { PhotoExif } from '@heliograph/contract/photo-exif'
import { presentMetadata } from '@heliograph/contract/photo-metadata'
import { MapPin } from 'lucide-preact'
import { cameraLine, captureTime } from '../../lib/camera-line.ts'
import { dateLocale, locale } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { momentOf } from '../../lib/zoned-time.ts'
import { NoteLines, Switch } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import type { Draft } from './drafts.ts'
import { s } from './share-words.ts'
import { useCaptures, useTownNear } from './use-captures.ts'

interface CaptureChoicesProps {
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
}

/** What the photographs know of themselves, each thing shown only if the person says so. */
export function CaptureChoices({ draft, onChange }: CaptureChoicesProps) {
  const captures = useCaptures(draft.photos)
  const town = useTownNear(captures?.find(({ gps }) => gps)?.gps)
  const lines = linesOf(captures ?? [])
  const day = dayOf(captures ?? [])
  return (
    <>
      {town && draft.place.trim() === '' ? (
        <div class="place-suggestion">
          <button
            type="button"
            class="suggestion"
            onClick={() => onChange({ place: town.name, suggested: town })}
          >
            <Icon of={MapPin} size={20} />
            <span>{s('place.suggested', { name: town.name })}</span>
          </button>
          <p class="field-note">{s('place.source')}</p>
        </div>
      ) : null}
      {lines.length > 0 ? (
        <Switch
          label={s('details.show')}
          hint={<NoteLines lines={lines} />}
          checked={draft.showMetadata === true}
          onChange={(showMetadata) => onChange({ showMetadata })}
        />
      ) : null}
      {day ? (
        <Switch
          label={s('day.show')}
          hint={s('day.hint', { date: day.shown })}
          checked={draft.displayAt !== undefined}
          onChange={(isOn) => onChange({ displayAt: isOn ? day.moment : undefined })}
        />
      ) : null}
    </>
  )
}

/** Word for word what others would read; photographs of one camera and setting share a line. */
function linesOf(captures: readonly PhotoExif[]): string[] {
  const lines = captures.map((capture) => {
    const { capturedAt, ...metadata } = presentMetadata(capture, 'everybody')
    return [cameraLine(metadata, locale()), capturedAt && captureTime(capturedAt, dateLocale())]
      .filter(Boolean)
      .join(' · ')
  })
  return [...new Set(lines.filter((line) => line !== ''))]
}

const dayMs = 86_400_000

/** Of the first photograph that knows its time, when that is over a day ago: newer ones are news. */
function dayOf(captures: readonly PhotoExif[]): { moment: string; shown: string } | undefined {
  const capturedAt = captures.find((capture) => capture.capturedAt)?.capturedAt
  const moment = capturedAt && momentOf(capturedAt, me.value?.timeZone ?? 'UTC')
  if (!moment || moment.getTime() > Date.now() - dayMs) return undefined
  return { moment: moment.toISOString(), shown: captureTime(capturedAt, dateLocale()) }
}
