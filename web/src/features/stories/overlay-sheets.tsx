import { limits } from '@heliograph/contract/limits'
import { normalizeHashtag } from '@heliograph/contract/text'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { useFound } from '../../lib/use-found.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { findPeople } from '../people/find-people.ts'
import { Verified } from '../people/verified.tsx'
import { w } from './stories-words.ts'

interface OverlaySheetProps {
  onDone: (value: string) => void
  onClose: () => void
}

async function findTags(prefix: string, signal: AbortSignal) {
  return (await call('GET /api/tags', { query: { prefix }, signal })).items.slice(0, 8)
}

export function MentionSheet({ onDone, onClose }: OverlaySheetProps) {
  const [name, setName] = useState('')
  const { found } = useFound(name.trim().toLowerCase(), findPeople)
  return (
    <Sheet title={w('tool.mention')} onClose={onClose} tall>
      <div class="sheet-form">
        <TextField
          label={w('mention.label')}
          hint={w('mention.hint')}
          type="search"
          autoCapitalize="none"
          value={name}
          onInput={setName}
        />
      </div>
      <p class="unseen" role="status">
        {found ? t('complete.count', { count: found.length }) : ''}
      </p>
      {found?.length === 0 ? <p class="story-none-found quiet">{w('mention.none')}</p> : null}
      <ul class="people" aria-label={w('mention.found')}>
        {found?.map((user) => (
          <li key={user.id}>
            <button type="button" class="story-found" onClick={() => onDone(user.username)}>
              <Avatar user={user} size={44} />
              <span>
                <b>
                  {user.username}
                  <Verified user={user} />
                </b>
                <bdi class="quiet">{user.fullName}</bdi>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}

export function TagSheet({ onDone, onClose }: OverlaySheetProps) {
  const [text, setText] = useState('')
  const tag = normalizeHashtag(text.trim().replace(/^#/, ''))
  const { found } = useFound(tag ?? '', findTags)
  return (
    <WordSheet
      title={w('tool.hashtag')}
      label={w('hashtag.label')}
      value={text}
      max={limits.hashtagLength}
      onInput={setText}
      done={tag}
      error={text.trim() && tag === undefined ? w('hashtag.fault') : undefined}
      onDone={onDone}
      onClose={onClose}
    >
      <ul aria-label={w('hashtag.found')}>
        {found?.map((one) => (
          <li key={one.tag}>
            <button type="button" class="story-found" onClick={() => onDone(one.tag)}>
              <span>
                <b>#{one.tag}</b>
                <span class="quiet">{t('complete.posts', { count: one.postCount })}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </WordSheet>
  )
}

export function PlaceSheet({ onDone, onClose }: OverlaySheetProps) {
  const [name, setName] = useState('')
  return (
    <WordSheet
      title={w('tool.place')}
      label={w('place.label')}
      hint={w('place.hint')}
      value={name}
      max={limits.placeLength}
      onInput={setName}
      done={name.trim() || undefined}
      onDone={onDone}
      onClose={onClose}
    />
  )
}

interface WordSheetProps extends OverlaySheetProps {
  title: string
  label: string
  hint?: string
  value: string
  max: number
  error?: string | undefined
  /** What would be laid over it; undefined: not yet. */
  done: string | undefined
  onInput: (value: string) => void
  children?: ComponentChildren
}

function WordSheet(props: WordSheetProps) {
  const { title, label, hint, value, max, error, done, onInput, onDone, onClose, children } = props
  return (
    <Sheet
      title={title}
      onClose={onClose}
      action={
        <Button kind="quiet" disabled={done === undefined} onClick={() => done && onDone(done)}>
          {t('ui.done')}
        </Button>
      }
    >
      <form
        class="sheet-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (done) onDone(done)
        }}
      >
        <TextField
          label={label}
          {...(hint ? { hint } : {})}
          error={error}
          value={value}
          max={max}
          onInput={onInput}
        />
      </form>
      {children}
    </Sheet>
  )
}
