import type { PostMedia } from '@heliograph/contract/posts'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import type { Choices } from '../edit/choices.ts'
import { type OpenedPicture, openPicture } from '../edit/opened-picture.ts'
import { type EditTab, PhotoEditor } from '../edit/photo-editor.tsx'
import { PreviewCanvas } from '../edit/preview-canvas.tsx'
import { CropEditor } from '../share/crop-editor.tsx'
import { lookAtVideo } from '../share/look-at-video.ts'

interface EditPhotoProps {
  media: PostMedia
  choices: Choices
  onDone: (choices: Choices) => void
  onCancel: () => void
}

/** Filter, adjustments and cut of what is out already, from the untouched original; of a video only the cut. */
export function EditPhoto({ media, choices: before, onDone, onCancel }: EditPhotoProps) {
  const [choices, setChoices] = useState(before)
  const [tab, setTab] = useState<EditTab>('filter')
  const { picture, failed } = useOriginal(media)
  const isVideo = media.type === 'video'
  return (
    <div class="edit-original">
      {picture && !isVideo ? (
        <PhotoEditor picture={picture} choices={choices} onChange={setChoices} tab={tab} onTab={setTab} />
      ) : null}
      {picture && isVideo ? (
        <CropEditor
          picture={picture}
          crop={choices.crop}
          onChange={(crop) => setChoices({ ...choices, crop })}
        >
          <PreviewCanvas picture={picture} choices={choices} label={t('edit.photo')} />
        </CropEditor>
      ) : null}
      {failed ? (
        <p class="field-error" role="alert">
          {t(isVideo ? 'edit.crop.unseen' : 'photo.gone')}
        </p>
      ) : null}
      {!picture && !failed ? (
        <div class="skeleton edit-original-waiting" role="status" aria-label={t('ui.loading')} />
      ) : null}
      <div class="edit-original-buttons">
        <Button onClick={onCancel}>{t('ui.cancel')}</Button>
        <Button kind="strong" disabled={!picture} onClick={() => onDone(choices)}>
          {t('ui.done')}
        </Button>
      </div>
    </div>
  )
}

function useOriginal(media: PostMedia): { picture: OpenedPicture | undefined; failed: boolean } {
  const [picture, setPicture] = useState<OpenedPicture | undefined>(undefined)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const abort = new AbortController()
    let opened: OpenedPicture | undefined
    async function open(): Promise<void> {
      opened = await openPicture(await fileOf(media, abort.signal))
      if (abort.signal.aborted) opened.image.close()
      else setPicture(opened)
    }
    open().catch(() => {
      if (!abort.signal.aborted) setFailed(true)
    })
    return () => {
      abort.abort()
      opened?.image.close()
    }
  }, [media.originalUrl])
  return { picture, failed }
}

async function fileOf({ type, originalUrl = '' }: PostMedia, signal: AbortSignal): Promise<Blob> {
  if (type === 'video') {
    const { frame } = await lookAtVideo(originalUrl)
    if (!frame) throw new Error('this browser cannot decode it')
    return frame
  }
  const response = await fetch(originalUrl, { signal })
  if (!response.ok) throw new Error(`the original answered ${response.status}`)
  return await response.blob()
}
