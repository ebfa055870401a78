import { useEffect, useState } from 'preact/hooks'
import { isPlain } from '../edit/choices.ts'
import { choicesOf, type DraftPhoto, pictureOf } from './drafts.ts'

/** What this device can show of it as it will be: cut and with its filter, where one was chosen. */
export async function shownPicture(photo: DraftPhoto, width: number): Promise<Blob | undefined> {
  const picture = pictureOf(photo)
  const choices = choicesOf(photo)
  if (!picture || isPlain(choices)) return picture
  const { renderPreview } = await import('../edit/render-preview.ts')
  return (await renderPreview(picture, choices, { width, isFilm: photo.video !== undefined })) ?? picture
}

const restMs = 250

/** For small pictures beside the editor: as chosen, once the fingers rest. */
export function useShownPicture(photo: DraftPhoto, width: number): Blob | undefined {
  const [shown, setShown] = useState<Blob | undefined>(() =>
    isPlain(choicesOf(photo)) ? pictureOf(photo) : undefined,
  )
  useEffect(() => {
    let isPast = false
    const take = () =>
      void shownPicture(photo, width).then((picture) => {
        if (!isPast) setShown(picture)
      })
    const timer = setTimeout(take, shown ? restMs : 0)
    return () => {
      isPast = true
      clearTimeout(timer)
    }
  }, [photo.file, photo.crop, photo.filter, photo.edits])
  return shown
}
