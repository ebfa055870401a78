import { limits } from '@heliograph/contract/limits'
import { Camera, ImagePlus } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { locale } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { toast } from '../../ui/toast.tsx'
import { type Draft, isTooLargeToKeep, pictureOf } from './drafts.ts'
import { bytesInWords, mediaLimits } from './media-limits.ts'
import { PhotoTiles } from './photo-tiles.tsx'
import { pickMedia } from './pick-media.ts'
import { s } from './share-words.ts'

interface StepProps {
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
}

const accepted =
  'image/jpeg,image/png,image/webp,image/avif,image/gif,image/heic,image/heif,.heic,.heif,video/*,.mov,.mkv,.webm'

export function ChooseStep({ draft, onChange }: StepProps) {
  const [opening, setOpening] = useState(false)
  const [over, setOver] = useState(false)
  const chooser = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const room = limits.mediaPerPost - draft.photos.length

  async function take(files: readonly File[]): Promise<void> {
    if (files.length === 0) return
    setOpening(true)
    const bounds = await mediaLimits()
    const { photos, refused, cut } = await pickMedia(files, room, bounds)
    setOpening(false)
    for (const { name, why } of refused) {
      const bytes = why === 'videoTooLarge' ? (bounds.video?.bytes ?? 0) : bounds.photoBytes
      const minutes = Math.round((bounds.video?.seconds ?? 0) / 60)
      toast(s(`pick.${why}`, { name, size: bytesInWords(bytes, locale()), minutes }))
    }
    if (cut) toast(s('pick.tooMany'))
    if (photos.length > 0) onChange({ photos: [...draft.photos, ...photos] })
  }

  useEffect(() => {
    const paste = (event: ClipboardEvent) => void take([...(event.clipboardData?.files ?? [])])
    addEventListener('paste', paste)
    return () => removeEventListener('paste', paste)
  })

  return (
    <section
      class={over ? 'choose choose-over' : 'choose'}
      aria-busy={opening}
      aria-label={s('step.choose')}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        void take([...(event.dataTransfer?.files ?? [])])
      }}
    >
      <FileInput input={chooser} onTake={take} multiple />
      <FileInput input={camera} onTake={take} capture />
      {draft.photos.length === 0 ? (
        <div class="choose-empty">
          <Icon of={ImagePlus} size={48} />
          <h2>{s('pick.title')}</h2>
          <p class="quiet">{s('pick.text')}</p>
          <Button kind="primary" busy={opening} onClick={() => chooser.current?.click()}>
            {s('pick.button')}
          </Button>
          <span class="choose-camera">
            <Button kind="quiet" onClick={() => camera.current?.click()}>
              <Icon of={Camera} size={20} /> {s('pick.camera')}
            </Button>
          </span>
          <p class="choose-drop quiet">{s('pick.drop')}</p>
        </div>
      ) : (
        <>
          <PhotoTiles
            photos={draft.photos}
            onChange={(photos) => onChange({ photos })}
            onAdd={room > 0 ? () => chooser.current?.click() : undefined}
          />
          {draft.photos.some((photo) => !pictureOf(photo)) ? (
            <p class="quiet share-note">{s('pick.unseen')}</p>
          ) : null}
          {draft.photos.some(isTooLargeToKeep) ? <p class="quiet share-note">{s('pick.notKept')}</p> : null}
          {draft.photos.length > 1 ? <p class="quiet share-note">{s('tile.order')}</p> : null}
        </>
      )}
      <p class="unseen" role="status">
        {opening ? s('pick.opening') : ''}
      </p>
    </section>
  )
}

interface FileInputProps {
  input: { current: HTMLInputElement | null }
  onTake: (files: readonly File[]) => Promise<void>
  multiple?: boolean
  capture?: boolean
}

function FileInput({ input, onTake, multiple, capture }: FileInputProps) {
  return (
    <input
      ref={input}
      type="file"
      class="unseen"
      tabIndex={-1}
      aria-hidden="true"
      accept={capture ? 'image/*' : accepted}
      multiple={multiple ?? false}
      {...(capture ? { capture: 'environment' as const } : {})}
      onChange={(event) => {
        const files = [...(event.currentTarget.files ?? [])]
        event.currentTarget.value = ''
        void onTake(files)
      }}
    />
  )
}
