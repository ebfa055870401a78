import { lookOf } from '@heliograph/contract/look'
import type { Choices } from './choices.ts'
import { drawFrame } from './draw-frame.ts'
import { openPicture } from './opened-picture.ts'
import { paintLook } from './paint-look.ts'

/** The photograph as it will be shown, as a file; undefined where this browser cannot decode it. */
export async function renderPreview(file: Blob, choices: Choices, width: number): Promise<Blob | undefined> {
  try {
    const picture = await openPicture(file, width * 2)
    const [drawn, shown] = [document.createElement('canvas'), document.createElement('canvas')]
    drawFrame(drawn, picture, choices, { width })
    picture.image.close()
    paintLook(drawn, lookOf(choices.filter, choices.edits), shown)
    return await new Promise((resolve) =>
      shown.toBlob((blob) => resolve(blob ?? undefined), 'image/webp', 0.9),
    )
  } catch {
    return undefined
  }
}
