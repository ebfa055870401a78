import { useEffect, useState } from 'preact/hooks'
import type { Choices } from '../edit/choices.ts'
import { type OpenedPicture, openPicture } from '../edit/opened-picture.ts'
import { type EditTab, PhotoEditor } from '../edit/photo-editor.tsx'
import { DraftPicture, nameOf } from './draft-picture.tsx'
import { choicesOf, type Draft, type DraftPhoto, pictureOf } from './drafts.ts'
import { s } from './share-words.ts'

interface StepProps {
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
}

/** One photograph at a time; the strip below chooses which. */
export function EditStep({ draft, onChange }: StepProps) {
  const [at, setAt] = useState(0)
  const [tab, setTab] = useState<EditTab>('filter')
  const photo = draft.photos[Math.min(at, draft.photos.length - 1)]
  if (!photo) return null
  const count = draft.photos.length
  const change = (choices: Choices) =>
    onChange({ photos: draft.photos.map((one) => (one.id === photo.id ? { ...one, ...choices } : one)) })
  return (
    <section aria-label={s('step.edit')}>
      <EditOne key={photo.id} photo={photo} onChange={change} tab={tab} onTab={setTab} />
      {count > 1 ? (
        <ul class="crop-strip">
          {draft.photos.map((one, index) => (
            <li key={one.id}>
              <button
                type="button"
                aria-label={nameOf(one, index, count)}
                aria-pressed={one.id === photo.id}
                onClick={() => setAt(index)}
              >
                <DraftPicture photo={one} />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  )
}

interface EditOneProps {
  photo: DraftPhoto
  onChange: (choices: Choices) => void
  tab: EditTab
  onTab: (tab: EditTab) => void
}

/** A video is seen by one picture of it. */
function EditOne({ photo, onChange, tab, onTab }: EditOneProps) {
  const picture = useOpened(pictureOf(photo))
  if (picture === 'opening') return <div class="crop-stage" role="status" aria-label={s('pick.opening')} />
  return (
    <PhotoEditor
      picture={picture}
      isFilm={photo.video !== undefined}
      choices={choicesOf(photo)}
      onChange={onChange}
      tab={tab}
      onTab={onTab}
    />
  )
}

/** Undefined where this browser cannot decode it. */
function useOpened(file: Blob | undefined): OpenedPicture | 'opening' | undefined {
  const [opened, setOpened] = useState<OpenedPicture | 'opening' | undefined>(file && 'opening')
  useEffect(() => {
    if (!file) return
    let picture: OpenedPicture | undefined
    let isGone = false
    openPicture(file).then(
      (made) => {
        if (isGone) return made.image.close()
        picture = made
        setOpened(made)
      },
      () => setOpened(undefined),
    )
    return () => {
      isGone = true
      picture?.image.close()
    }
  }, [file])
  return opened
}
