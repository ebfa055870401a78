import type { PostMedia } from '@heliograph/contract/posts'
import { useRef, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { uploadFile } from '../../lib/upload.ts'
import { Button } from '../../ui/button.tsx'
import { CaptionsInput, type ChosenCaptions } from '../share/captions-input.tsx'

/** A medium of a post as it is being changed. `newCaptions`: null takes them away, absent leaves them. */
export type EditedMedia = PostMedia & {
  newCaptions?: ChosenCaptions | null | undefined
  /** Address of a small picture of what was chosen and is not saved yet. */
  newPicture?: string
}

interface EditCaptionsProps {
  media: EditedMedia
  onChange: (captions: ChosenCaptions | null | undefined) => void
}

/** Adds, replaces and takes away the captions of a video that is out already. */
export function EditCaptions({ media, onChange }: EditCaptionsProps) {
  const chooser = useRef<HTMLInputElement>(null)
  const [isFault, setFault] = useState(false)
  const { newCaptions, captionsUrl } = media
  const has = newCaptions === undefined ? captionsUrl !== undefined : newCaptions !== null

  return (
    <div class="edit-captions">
      <CaptionsInput
        input={chooser}
        onTake={(taken) => {
          setFault(!taken)
          if (taken) onChange(taken)
        }}
      />
      <p class={isFault ? 'field-error' : 'field-note'} role={isFault ? 'alert' : 'status'}>
        {isFault ? t('edit.captions.fault') : stateOf(newCaptions, has)}
      </p>
      <span class="edit-captions-buttons">
        <Button kind="quiet" onClick={() => chooser.current?.click()}>
          {t(has ? 'edit.captions.replace' : 'edit.captions.add')}
        </Button>
        {has ? (
          <Button kind="quiet" onClick={() => onChange(captionsUrl ? null : undefined)}>
            {t('edit.captions.remove')}
          </Button>
        ) : null}
      </span>
    </div>
  )
}

function stateOf(newCaptions: ChosenCaptions | null | undefined, has: boolean): string {
  if (newCaptions) return t('edit.captions.new', { name: newCaptions.name })
  return t(has ? 'edit.captions.there' : 'edit.captions.none')
}

/** The id of their upload, as a change of the post names it. */
export async function uploadCaptions(captions: ChosenCaptions | null): Promise<string | null> {
  return captions && (await uploadFile(captions.file, { purpose: 'captions' }))
}
