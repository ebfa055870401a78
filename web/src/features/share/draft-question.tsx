import { Button } from '../../ui/button.tsx'
import { DraftPicture } from './draft-picture.tsx'
import type { Draft } from './drafts.ts'
import { s } from './share-words.ts'

interface DraftQuestionProps {
  draft: Draft
  lost: readonly string[]
  onResume: () => void
  onFresh: () => void
}

export function DraftQuestion({ draft, lost, onResume, onFresh }: DraftQuestionProps) {
  const count = draft.photos.length
  return (
    <section class="draft-question">
      <ul class="draft-photos" aria-hidden="true">
        {draft.photos.slice(0, 3).map((photo) => (
          <li key={photo.id}>
            <DraftPicture photo={photo} />
          </li>
        ))}
      </ul>
      <h2>{s('draft.title')}</h2>
      <p class="quiet">{count === 1 ? s('draft.textOne') : s('draft.text', { count })}</p>
      {lost.length > 0 ? <p class="quiet">{s('draft.videoLost', { name: lost.join(', ') })}</p> : null}
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
