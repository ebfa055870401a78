import { Hash, Search, SearchX } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { putUser } from '../../lib/store.ts'
import { useFound } from '../../lib/use-found.ts'
import { Page } from '../../shell/page.tsx'
import { onTabAgain } from '../../shell/tabs.ts'
import { Icon } from '../../ui/icon.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { findPeople } from '../people/find-people.ts'
import { PersonRow } from '../people/person-row.tsx'
import { Suggested } from '../people/suggested.tsx'
import './find.css'

interface Found {
  readonly people: readonly string[]
  readonly tags: readonly { tag: string; postCount: number }[]
}

/** Written text outlives a visit to what was found. */
let lastText = ''

/** People by the beginning of their name, hashtags by theirs. */
export function FindPage() {
  const [text, setText] = useState(lastText)
  const field = useRef<HTMLInputElement>(null)
  const prefix = text.trim()
  const { found, problem, again } = useFound(prefix, find)

  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.focus()
    return onTabAgain('/search', () => field.current?.focus())
  }, [])

  return (
    <Page title={t('find.title')}>
      <search class="find">
        <span class="find-field">
          <Icon of={Search} size={20} />
          <input
            ref={field}
            type="search"
            dir="auto"
            value={text}
            aria-label={t('find.field')}
            placeholder={t('find.field')}
            autoCapitalize="none"
            autoCorrect="off"
            spellcheck={false}
            enterKeyHint="search"
            onInput={(event) => {
              lastText = event.currentTarget.value
              setText(lastText)
            }}
          />
        </span>
      </search>
      {prefix === '' ? (
        <>
          <Notice icon={Search} title={t('find.hint.title')}>
            {t('find.hint.text')}
          </Notice>
          <Suggested max={20} />
        </>
      ) : null}
      {problem ? <ProblemNotice error={problem} onRetry={again} /> : null}
      {prefix && !found && !problem ? <SkeletonPeople rows={4} /> : null}
      {found && prefix ? <Results found={found} text={prefix} /> : null}
    </Page>
  )
}

function Results({ found, text }: { found: Found; text: string }) {
  if (found.people.length === 0 && found.tags.length === 0) {
    return (
      <Notice icon={SearchX} title={t('find.none.title')}>
        {t('find.none.text', { text })}
      </Notice>
    )
  }
  return (
    <ul aria-label={t('find.title')}>
      {found.people.map((id) => (
        <PersonRow key={id} id={id} />
      ))}
      {found.tags.map(({ tag, postCount }) => (
        <li class="person" key={tag}>
          <a class="person-link" href={`/tags/${encodeURIComponent(tag)}`}>
            <span class="avatar avatar-44">
              <Icon of={Hash} size={20} />
            </span>
            <span class="person-names">
              <span class="person-name">#{tag}</span>
              <span class="quiet">{t('complete.posts', { count: postCount })}</span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}

async function find(text: string, signal: AbortSignal): Promise<Found> {
  const prefix = text.replace(/^[@#]/, '')
  if (prefix === '') return { people: [], tags: [] }
  const people = text.startsWith('#') ? [] : await findPeople(text, signal)
  const tags = text.startsWith('@')
    ? []
    : (await call('GET /api/tags', { query: { prefix: prefix.slice(0, 100) }, signal })).items
  return { people: people.map(putUser), tags }
}
