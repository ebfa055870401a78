import { type Choices, shownLook } from './choices.ts'
import { drawFrame } from './draw-frame.ts'
import { type OpenedPicture, openPicture } from './opened-picture.ts'
import { paintLook } from './paint-look.ts'

interface Size {
  width: number
  /** The file is a picture of a video. */
  isFilm: boolean
}

/** What is to be shown, as it will be, as a file; undefined where this browser cannot decode it. */
export async function renderPreview(
  file: Blob,
  choices: Choices,
  { width, isFilm }: Size,
): Promise<Blob | undefined> {
  try {
    const picture = await openPicture(file, width * 2)
    const shown = render(picture, choices, { width, isFilm })
    picture.image.close()
    return await new Promise((resolve) =>
      shown.toBlob((blob) => resolve(blob ?? undefined), 'image/webp', 0.9),
    )
  } catch {
    return undefined
  }
}

const smallWidth = 240

/** Small enough to be an address itself. */
export function smallPicture(picture: OpenedPicture, choices: Choices, isFilm: boolean): string {
  return render(picture, choices, { width: smallWidth, isFilm }).toDataURL('image/jpeg', 0.9)
}

function render(picture: OpenedPicture, choices: Choices, { width, isFilm }: Size): HTMLCanvasElement {
  const [drawn, shown] = [document.createElement('canvas'), document.createElement('canvas')]
  drawFrame(drawn, picture, choices, { width })
  paintLook(drawn, shownLook(choices, isFilm), shown)
  return shown
}
