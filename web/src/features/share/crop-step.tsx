import { useState } from 'preact/hooks'
import { CropEditor } from './crop-editor.tsx'
import { DraftPicture, nameOf } from './draft-picture.tsx'
import { type Draft, type DraftPhoto, pictureOf } from './drafts.ts'
import { s } from './share-words.ts'
import { useObjectUrl } from './use-object-url.ts'

interface StepProps {
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
}

/** One photograph at a time; the strip below chooses which. */
export function CropStep({ draft, onChange }: StepProps) {
  const [at, setAt] = useState(0)
  const photo = draft.photos[Math.min(at, draft.photos.length - 1)]
  if (!photo) return null
  const count = draft.photos.length
  return (
    <section aria-label={s('step.crop')}>
      <Stage
        key={photo.id}
        photo={photo}
        onChange={(crop) =>
          onChange({ photos: draft.photos.map((one) => (one.id === photo.id ? { ...one, crop } : one)) })
        }
      />
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

function Stage({ photo, onChange }: { photo: DraftPhoto; onChange: (crop: DraftPhoto['crop']) => void }) {
  const url = useObjectUrl(pictureOf(photo))
  if (!pictureOf(photo)) {
    return (
      <div class="crop-stage crop-unseen">
        <DraftPicture photo={photo} />
        <p>{s('tile.unseen')}</p>
      </div>
    )
  }
  return url ? <CropEditor src={url} picture={photo} crop={photo.crop} onChange={onChange} /> : null
}
