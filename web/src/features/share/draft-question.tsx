import { Button } from '../../ui/button.tsx'
import type { Draft, DraftPhoto } from './drafts.ts'
import { s } from './share-words.ts'
import { UnseenPhoto } from './unseen-photo.tsx'
import { useObjectUrl } from './use-object-url.ts'

interface DraftQuestionProps {
  draft: Draft
  onResume: () => void
  onFresh: () => void
}

export function DraftQuestion({ draft, onResume, onFresh }: DraftQuestionProps) {
  const count = draft.photos.length
  return (
    <section class="draft-question">
      <ul class="draft-photos" aria-hidden="true">
        {draft.photos.slice(0, 3).map((photo) => (
          <DraftThumb key={photo.id} photo={photo} />
        ))}
      </ul>
      <h2>{s('draft.title')}</h2>
      <p class="quiet">{count === 1 ? s('draft.textOne') : s('draft.text', { count })}</p>
      {draft.caption ? <p class="draft-caption">{draft.caption}</p> : null}
      <p class="draft-actions">
        <Button kind="primary" onClick={onResume}>
          {s('draft.resume')}
        </Button>
        <Button onClick={onFresh}>{s('draft.fresh')}</Button>
      </p>
    </section>
  )
}

function DraftThumb({ photo }: { photo: DraftPhoto }) {
  const url = useObjectUrl(photo.file)
  if (photo.width === 0) {
    return (
      <li>
        <UnseenPhoto />
      </li>
    )
  }
  return <li>{url ? <img src={url} alt="" /> : null}</li>
}
