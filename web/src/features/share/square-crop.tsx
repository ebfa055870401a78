import type { Crop } from '@heliograph/contract/posts'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { useObjectUrl } from '../../lib/use-object-url.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { CropEditor } from './crop-editor.tsx'
import { centered, cropOf } from './crop-geometry.ts'

interface SquareCropProps {
  file: Blob
  title: string
  onDone: (picture: Blob) => void
  onCancel: () => void
}

/** More than the largest picture of a person needs, on the densest screen. */
const sideMax = 1080

/** Chooses the square of a picture. What the browser cannot decode is handed on whole: the server takes its middle. */
export function SquareCrop({ file, title, onDone, onCancel }: SquareCropProps) {
  const [bitmap, setBitmap] = useState<ImageBitmap | undefined>(undefined)
  const [crop, setCrop] = useState<Crop | null>(null)
  const [busy, setBusy] = useState(false)
  const url = useObjectUrl(file)
  useEffect(() => {
    createImageBitmap(file, { imageOrientation: 'from-image' }).then(setBitmap, () => onDone(file))
  }, [file])

  async function finish(): Promise<void> {
    if (!bitmap) return
    setBusy(true)
    const square = crop ?? cropOf(bitmap, 1, centered)
    onDone((await cut(bitmap, square).catch(() => undefined)) ?? file)
  }

  if (!bitmap || !url) return null
  return (
    <Sheet
      title={title}
      tall
      onClose={onCancel}
      action={
        <Button kind="quiet" busy={busy} onClick={() => void finish()}>
          {t('ui.done')}
        </Button>
      }
    >
      <CropEditor src={url} picture={bitmap} crop={crop} onChange={setCrop} fixedRatio={1} />
    </Sheet>
  )
}

async function cut(bitmap: ImageBitmap, { x, y, width, height }: Crop): Promise<Blob | undefined> {
  const [from, side] = [[x * bitmap.width, y * bitmap.height] as const, width * bitmap.width]
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = Math.round(Math.min(sideMax, side))
  const context = canvas.getContext('2d')
  if (!context) return undefined
  // JPEG knows no transparency: without ground it would become black.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(bitmap, ...from, side, height * bitmap.height, 0, 0, canvas.width, canvas.height)
  return await new Promise((resolve) =>
    canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', 0.92),
  )
}
