import type { Crop, PostMedia } from '@heliograph/contract/posts'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { CropEditor } from '../share/crop-editor.tsx'

interface RecropProps {
  media: PostMedia
  onDone: (crop: Crop | null) => void
  onCancel: () => void
}

/** Chooses another part of a photograph that is out already, from the whole original. */
export function Recrop({ media, onDone, onCancel }: RecropProps) {
  const [crop, setCrop] = useState(media.crop ?? null)
  const original = media.originalUrl ?? ''
  const { size, failed } = useSize(original)
  return (
    <div class="recrop">
      {size ? <CropEditor src={original} picture={size} crop={crop} onChange={setCrop} /> : null}
      {failed ? (
        <p class="field-error" role="alert">
          {t('photo.gone')}
        </p>
      ) : null}
      {!size && !failed ? (
        <div class="skeleton recrop-waiting" role="status" aria-label={t('ui.loading')} />
      ) : null}
      <div class="recrop-buttons">
        <Button onClick={onCancel}>{t('ui.cancel')}</Button>
        <Button kind="strong" disabled={!size} onClick={() => onDone(crop)}>
          {t('ui.done')}
        </Button>
      </div>
    </div>
  )
}

/** Upright size of a picture, as the browser reads it. */
function useSize(address: string): { size: { width: number; height: number } | undefined; failed: boolean } {
  const [size, setSize] = useState<{ width: number; height: number } | undefined>(undefined)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const image = new Image()
    image.onload = () => setSize({ width: image.naturalWidth, height: image.naturalHeight })
    image.onerror = () => setFailed(true)
    image.src = address
    return () => {
      image.onload = null
      image.onerror = null
    }
  }, [address])
  return { size, failed }
}
