import { limits } from '@heliograph/contract/limits'
import { codePointLength } from '@heliograph/contract/text'
import { useId } from 'preact/hooks'
import { TextArea, TextField } from '../../ui/field.tsx'
import { CompletingArea } from '../text/completing-area.tsx'
import type { Draft, DraftPhoto } from './drafts.ts'
import { s } from './share-words.ts'
import { UnseenPhoto } from './unseen-photo.tsx'
import { useObjectUrl } from './use-object-url.ts'

interface WordsStepProps {
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
  fault: string | undefined
}

export function WordsStep({ draft, onChange, fault }: WordsStepProps) {
  const captionId = useId()
  const left = limits.captionLength - codePointLength(draft.caption)
  const count = draft.photos.length
  const describe = (id: string, altText: string) =>
    onChange({ photos: draft.photos.map((photo) => (photo.id === id ? { ...photo, altText } : photo)) })
  return (
    <section class="words" aria-label={s('step.words')}>
      <div class="field">
        <label for={captionId}>{s('words.caption')}</label>
        <CompletingArea
          id={captionId}
          class="field-input"
          rows={4}
          value={draft.caption}
          onInput={(caption) => onChange({ caption })}
          invalid={fault !== undefined}
          describedBy={`${captionId}-note`}
        />
        <div class="field-foot">
          <span
            id={`${captionId}-note`}
            class={fault ? 'field-error' : 'field-note'}
            role={fault ? 'alert' : undefined}
          >
            {fault ?? s('words.captionHint')}
          </span>
          {left < 300 ? <span class={left < 0 ? 'field-error' : 'field-note'}>{left}</span> : null}
        </div>
      </div>
      {draft.photos.map((photo, index) => (
        <div key={photo.id} class="words-photo">
          <WordsThumb photo={photo} />
          <TextArea
            label={count === 1 ? s('words.altOne') : s('words.alt', { at: index + 1 })}
            hint={count === 1 ? s('words.altHint') : s('words.altHints')}
            rows={2}
            max={limits.altTextLength}
            value={photo.altText}
            onInput={(altText) => describe(photo.id, altText)}
          />
        </div>
      ))}
      <TextField
        label={s('words.place')}
        hint={s('words.placeHint')}
        max={limits.placeLength}
        value={draft.place}
        onInput={(place) => onChange({ place })}
      />
    </section>
  )
}

function WordsThumb({ photo }: { photo: DraftPhoto }) {
  const url = useObjectUrl(photo.file)
  if (photo.width === 0) return <UnseenThumb />
  return <span class="words-thumb">{url ? <img src={url} alt="" /> : null}</span>
}

function UnseenThumb() {
  return (
    <span class="words-thumb">
      <UnseenPhoto />
    </span>
  )
}
