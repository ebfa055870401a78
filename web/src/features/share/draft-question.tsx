import { Button } from '../../ui/button.tsx'
import type { Draft } from './drafts.ts'
import { s } from './share-words.ts'
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
          <DraftThumb key={photo.id} file={photo.file} />
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

function DraftThumb({ file }: { file: Blob }) {
  const url = useObjectUrl(file)
  return <li>{url ? <img src={url} alt="" /> : null}</li>
}
