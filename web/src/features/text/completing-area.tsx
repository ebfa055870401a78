import type { Ref } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { complete, type Unfinished, unfinishedAt } from '../../lib/completion.ts'
import { t } from '../../lib/i18n.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { announce, takeBack } from '../../ui/toast.tsx'
import { findPeople } from '../people/find-people.ts'
import { Verified } from '../people/verified.tsx'
import { isComposing } from './keys.ts'
import { useGrowing } from './use-growing.ts'
import './completing-area.css'

interface Suggestion {
  readonly word: string
  readonly note: string
  readonly user?: { username: string; avatarUrl: string | null; isVerified: boolean }
}

interface CompletingAreaProps {
  id?: string
  label?: string
  value: string
  onInput: (value: string) => void
  onKeyDown?: (event: KeyboardEvent) => void
  placeholder?: string
  rows?: number
  class?: string
  /** Where the suggestions open. */
  side?: 'above' | 'below'
  describedBy?: string
  invalid?: boolean
  area?: Ref<HTMLTextAreaElement>
}

const pauseMs = 150

/** A text field that offers people after @ and hashtags after #. */
export function CompletingArea(props: CompletingAreaProps) {
  const { value, onInput, side = 'below' } = props
  const own = useRef<HTMLTextAreaElement>(null)
  const listId = useId()
  const [word, setWord] = useState<Unfinished | undefined>(undefined)
  const suggestions = useSuggestions(word)
  // A field of one line has no handle to make it larger.
  useGrowing(own, value, props.rows === 1)
  const [at, setAt] = useState(0)
  const open = word !== undefined && suggestions.length > 0
  useEffect(() => setAt(0), [word?.kind, word?.prefix])
  useEffect(() => {
    if (!open) return
    const words = t('complete.count', { count: suggestions.length })
    announce(words)
    return () => takeBack(words)
  }, [open, suggestions.length])

  function look(): void {
    const area = own.current
    if (!area) return
    setWord(
      area.selectionStart === area.selectionEnd ? unfinishedAt(area.value, area.selectionStart) : undefined,
    )
  }

  function choose(suggestion: Suggestion | undefined): void {
    const area = own.current
    if (!word || !suggestion || !area) return
    const done = complete(value, word, suggestion.word)
    onInput(done.text)
    setWord(undefined)
    requestAnimationFrame(() => {
      area.focus()
      area.setSelectionRange(done.caret, done.caret)
    })
  }

  function key(event: KeyboardEvent): void {
    if (!open || isComposing(event)) {
      props.onKeyDown?.(event)
      return
    }
    const steps: Partial<Record<string, () => void>> = {
      ArrowDown: () => setAt((at + 1) % suggestions.length),
      ArrowUp: () => setAt((at + suggestions.length - 1) % suggestions.length),
      Enter: () => choose(suggestions[at]),
      Tab: () => choose(suggestions[at]),
      Escape: () => setWord(undefined),
    }
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    event.stopPropagation()
    step()
  }

  return (
    <div class="completing">
      <textarea
        ref={(area) => {
          own.current = area
          if (typeof props.area === 'function') props.area(area)
          else if (props.area) props.area.current = area
        }}
        id={props.id}
        class={props.class ?? 'field-input'}
        rows={props.rows ?? 3}
        dir="auto"
        value={value}
        placeholder={props.placeholder}
        aria-label={props.label}
        aria-describedby={props.describedBy}
        aria-invalid={props.invalid ? 'true' : undefined}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={open ? listId : undefined}
        aria-activedescendant={open ? `${listId}-${at}` : undefined}
        onInput={(event) => {
          onInput(event.currentTarget.value)
          look()
        }}
        onSelect={look}
        onBlur={() => setTimeout(() => setWord(undefined), pauseMs)}
        onKeyDown={key}
      />
      <div
        id={listId}
        class={`completions completions-${side}`}
        role="listbox"
        aria-label={t('complete.label')}
        hidden={!open}
      >
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text, aria-activedescendant points here
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the text field
          <div
            key={suggestion.word}
            id={`${listId}-${index}`}
            class="completion"
            role="option"
            aria-selected={index === at}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(suggestion)}
          >
            {suggestion.user ? <Avatar user={suggestion.user} size={32} /> : null}
            <span class="completion-word">
              {suggestion.user ? '' : '#'}
              {suggestion.word}
              {suggestion.user ? <Verified user={suggestion.user} /> : null}
            </span>
            <bdi class="quiet">{suggestion.note}</bdi>
          </div>
        ))}
      </div>
    </div>
  )
}

function useSuggestions(word: Unfinished | undefined): readonly Suggestion[] {
  const [found, setFound] = useState<readonly Suggestion[]>([])
  useEffect(() => {
    if (!word) {
      setFound([])
      return
    }
    const stop = new AbortController()
    const timer = setTimeout(() => {
      // Without an answer there is nothing to offer; writing goes on.
      suggest(word, stop.signal).then(setFound, () => undefined)
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [word?.kind, word?.prefix])
  return word && !isWhole(found, word) ? found : []
}

/** Written to its end there is nothing to choose: the list would only cover what is below. */
function isWhole([first, ...others]: readonly Suggestion[], { prefix }: Unfinished): boolean {
  return others.length === 0 && first?.word.toLowerCase() === prefix.toLowerCase()
}

async function suggest({ kind, prefix }: Unfinished, signal: AbortSignal): Promise<Suggestion[]> {
  if (kind === 'mention') {
    const people = await findPeople(prefix, signal)
    return people.slice(0, 6).map((user) => ({ word: user.username, note: user.fullName, user }))
  }
  const { items } = await call('GET /api/tags', { query: { prefix: prefix.slice(0, 100) }, signal })
  return items
    .slice(0, 6)
    .map(({ tag, postCount }) => ({ word: tag, note: t('complete.posts', { count: postCount }) }))
}
