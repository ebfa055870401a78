import { limits } from '@heliograph/contract/limits'
import { codePointLength } from '@heliograph/contract/text'
import { useId } from 'preact/hooks'
import { me } from '../../lib/session.ts'
import { RoomLeft, Switch, TextArea, TextField } from '../../ui/field.tsx'
import { AudienceChoice } from '../audience/audience-choice.tsx'
import { CompletingArea } from '../text/completing-area.tsx'
import { CaptionsPicker } from './captions-picker.tsx'
import { CaptureChoices } from './capture-choices.tsx'
import { DraftPicture } from './draft-picture.tsx'
import type { Draft, DraftPhoto } from './drafts.ts'
import { s } from './share-words.ts'

interface WordsStepProps {
  draft: Draft
  onChange: (patch: Partial<Draft>) => void
  fault: string | undefined
}

export function WordsStep({ draft, onChange, fault }: WordsStepProps) {
  const captionId = useId()
  const left = limits.captionLength - codePointLength(draft.caption)
  const count = draft.photos.length
  const change = (id: string, patch: Partial<DraftPhoto>) =>
    onChange({ photos: draft.photos.map((photo) => (photo.id === id ? { ...photo, ...patch } : photo)) })
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
          {left < 300 ? <RoomLeft count={left} /> : null}
        </div>
      </div>
      {draft.photos.map((photo, index) => (
        <div key={photo.id} class="words-photo">
          <span class="words-thumb">
            <DraftPicture photo={photo} />
          </span>
          <div class="words-about">
            <TextArea
              label={labelOf(photo, index, count)}
              hint={count === 1 ? s('words.altHint') : s('words.altHints')}
              rows={2}
              max={limits.altTextLength}
              value={photo.altText}
              onInput={(altText) => change(photo.id, { altText })}
            />
            {photo.video ? (
              <CaptionsPicker video={photo.video} onChange={(video) => change(photo.id, { video })} />
            ) : null}
          </div>
        </div>
      ))}
      <TextField
        label={s('words.place')}
        hint={s('words.placeHint')}
        max={limits.placeLength}
        value={draft.place}
        onInput={(place) => onChange({ place })}
      />
      <CaptureChoices draft={draft} onChange={onChange} />
      <AudienceChoice
        mayLeave
        value={draft.audience ?? me.value?.defaultAudience ?? 'public'}
        onChange={(audience) => onChange({ audience })}
      />
      <Switch
        label={s('words.commentsOff')}
        checked={draft.commentsOff === true}
        onChange={(commentsOff) => onChange({ commentsOff })}
      />
    </section>
  )
}

function labelOf({ video }: DraftPhoto, index: number, count: number): string {
  if (count === 1) return s('words.altOne')
  return s(video ? 'words.altVideo' : 'words.alt', { at: index + 1 })
}
