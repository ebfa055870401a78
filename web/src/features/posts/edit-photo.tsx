import type { PostMedia } from '@heliograph/contract/posts'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import type { Choices } from '../edit/choices.ts'
import { type OpenedPicture, openPicture } from '../edit/opened-picture.ts'
import { type EditTab, PhotoEditor } from '../edit/photo-editor.tsx'
import { smallPicture } from '../edit/render-preview.ts'
import { lookAtVideo } from '../share/look-at-video.ts'

interface EditPhotoProps {
  media: PostMedia
  choices: Choices
  /** With the address of a small picture of what was chosen. */
  onDone: (choices: Choices, picture: string) => void
  onCancel: () => void
}

/** Filter, adjustments and cut of what is out already, from the untouched original. */
export function EditPhoto({ media, choices: before, onDone, onCancel }: EditPhotoProps) {
  const [choices, setChoices] = useState(before)
  const [tab, setTab] = useState<EditTab>('filter')
  const { picture, failed } = useOriginal(media)
  const isVideo = media.type === 'video'
  return (
    <Sheet
      title={t('edit.photo')}
      tall
      onClose={onCancel}
      action={
        <Button
          kind="quiet"
          disabled={!picture}
          onClick={() => picture && onDone(choices, smallPicture(picture, choices, isVideo))}
        >
          {t('ui.done')}
        </Button>
      }
    >
      {picture ? (
        <PhotoEditor
          picture={picture}
          isFilm={isVideo}
          choices={choices}
          onChange={setChoices}
          tab={tab}
          onTab={setTab}
        />
      ) : null}
      {failed ? (
        <p class="field-error edit-original-failed" role="alert">
          {t(isVideo ? 'edit.crop.unseen' : 'photo.gone')}
        </p>
      ) : null}
      {!picture && !failed ? (
        <div class="skeleton edit-original-waiting" role="status" aria-label={t('ui.loading')} />
      ) : null}
    </Sheet>
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
