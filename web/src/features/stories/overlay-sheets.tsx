import type { UserListItem } from '@heliograph/contract/accounts'
import { limits } from '@heliograph/contract/limits'
import { normalizeHashtag } from '@heliograph/contract/text'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { w } from './stories-words.ts'

interface OverlaySheetProps {
  onDone: (value: string) => void
  onClose: () => void
}

const pauseMs = 200

/** What begins so, a moment after the last letter; nothing where nothing was found or asked for. */
function useFound<T>(word: string, find: (word: string, signal: AbortSignal) => Promise<readonly T[]>) {
  const [found, setFound] = useState<readonly T[] | undefined>(undefined)
  useEffect(() => {
    setFound(undefined)
    if (word === '') return
    const stop = new AbortController()
    const timer = setTimeout(() => {
      find(word, stop.signal).then(setFound, () => undefined)
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [word])
  return found
}

export function MentionSheet({ onDone, onClose }: OverlaySheetProps) {
  const [name, setName] = useState('')
  const found = useFound<UserListItem>(name.trim().replace(/^@/, '').toLowerCase(), async (word, signal) => {
    const query = { prefix: word.slice(0, limits.usernameLength) }
    return (await call('GET /api/users', { query, signal })).items
  })
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
                <b>{user.username}</b>
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
  const found = useFound(tag ?? '', async (word, signal) => {
    const { items } = await call('GET /api/tags', { query: { prefix: word }, signal })
    return items.slice(0, 8)
  })
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
