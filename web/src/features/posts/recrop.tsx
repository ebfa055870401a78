import type { Crop, PostMedia } from '@heliograph/contract/posts'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { CropEditor } from '../share/crop-editor.tsx'
import { lookAtVideo } from '../share/look-at-video.ts'

interface RecropProps {
  media: PostMedia
  onDone: (crop: Crop | null) => void
  onCancel: () => void
}

/** Chooses another part of a photograph or video that is out already, from the whole original. */
export function Recrop({ media, onDone, onCancel }: RecropProps) {
  const [crop, setCrop] = useState(media.crop ?? null)
  const { whole, failed } = useWhole(media)
  return (
    <div class="recrop">
      {whole ? <CropEditor src={whole.src} picture={whole} crop={crop} onChange={setCrop} /> : null}
      {failed ? (
        <p class="field-error" role="alert">
          {t(media.type === 'video' ? 'edit.crop.unseen' : 'photo.gone')}
        </p>
      ) : null}
      {!whole && !failed ? (
        <div class="skeleton recrop-waiting" role="status" aria-label={t('ui.loading')} />
      ) : null}
      <div class="recrop-buttons">
        <Button onClick={onCancel}>{t('ui.cancel')}</Button>
        <Button kind="strong" disabled={!whole} onClick={() => onDone(crop)}>
          {t('ui.done')}
        </Button>
      </div>
    </div>
  )
}

interface Whole {
  src: string
  width: number
  height: number
}

/** The original, uncropped, with its upright size as the browser reads it; of a video one picture. */
function useWhole({ type, originalUrl = '' }: PostMedia): { whole: Whole | undefined; failed: boolean } {
  const [whole, setWhole] = useState<Whole | undefined>(undefined)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    let isOver = false
    let made: string | undefined
    const release = () => made?.startsWith('blob:') && URL.revokeObjectURL(made)
    const load = type === 'video' ? loadVideo : loadPhoto
    load(originalUrl).then(
      (loaded) => {
        made = loaded.src
        if (isOver) release()
        else setWhole(loaded)
      },
      () => setFailed(true),
    )
    return () => {
      isOver = true
      release()
    }
  }, [type, originalUrl])
  return { whole, failed }
}

async function loadPhoto(src: string): Promise<Whole> {
  const image = new Image()
  await new Promise((resolve, reject) => {
    image.onload = resolve
    image.onerror = reject
    image.src = src
  })
  return { src, width: image.naturalWidth, height: image.naturalHeight }
}

async function loadVideo(address: string): Promise<Whole> {
  const { width, height, frame } = await lookAtVideo(address)
  if (!frame) throw new Error('this browser cannot decode it')
  return { src: URL.createObjectURL(frame), width, height }
}
