import type { ModerationCase } from '@heliograph/contract/moderation'
import { BookOpenCheck, ShieldCheck, SunMedium } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { createPaginator, keepPaginator, type Paginator } from '../../lib/paging.ts'
import { moderates } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { CaseCard } from './case-card.tsx'
import { countCases } from './cases-waiting.ts'
import { LogLine } from './log-line.tsx'
import { m } from './moderation-words.ts'
import './moderation.css'

export function QueuePage() {
  const list = keepPaginator('moderation', () =>
    createPaginator(
      (cursor, signal) => call('GET /api/moderation/queue', { query: { cursor }, signal }),
      (one: ModerationCase) => one.id,
    ),
  )
  const items = useRef<HTMLUListElement>(null)

  /** The next one takes its place, and the focus. */
  function decided(id: string): void {
    const at = list.items.value.findIndex((one) => one.id === id)
    list.remove((one) => one.id === id)
    void countCases()
    requestAnimationFrame(() => {
      const cards = items.current?.querySelectorAll<HTMLElement>('article')
      const next = cards?.[Math.min(at, cards.length - 1)]
      const heading = document.querySelector<HTMLElement>('h1[tabindex]')
      ;(next ?? heading)?.focus()
    })
  }

  return (
    <Frame at="waiting">
      <Listed
        list={list}
        empty={
          <Notice icon={SunMedium} title={m('empty.title')}>
            {m('empty.text')}
          </Notice>
        }
      >
        <ul ref={items} class="cases">
          {list.items.value.map((one) => (
            <li key={one.id}>
              <CaseCard
                item={one}
                onDecided={() => decided(one.id)}
                onChanged={(now) =>
                  list.change(
                    ({ id }) => id === now.id,
                    () => now,
                  )
                }
              />
            </li>
          ))}
        </ul>
      </Listed>
    </Frame>
  )
}

export function LogPage() {
  const list = keepPaginator('moderation-log', () =>
    createPaginator(
      (cursor, signal) => call('GET /api/moderation/log', { query: { cursor }, signal }),
      (line: { id: string }) => line.id,
    ),
  )
  return (
    <Frame at="log">
      <Listed
        list={list}
        empty={
          <Notice icon={BookOpenCheck} title={m('log.empty.title')}>
            {m('log.empty.text')}
          </Notice>
        }
      >
        <ol class="log">
          {list.items.value.map((line) => (
            <LogLine key={line.id} line={line} />
          ))}
        </ol>
      </Listed>
    </Frame>
  )
}

function Frame({ at, children }: { at: 'waiting' | 'log'; children: ComponentChildren }) {
  return (
    <Page title={m('title')} back backTo="/settings" wide>
      {moderates.value ? (
        <>
          <nav class="moderation-tabs" aria-label={m('tabs')}>
            <a href="/moderation" aria-current={at === 'waiting' ? 'page' : undefined}>
              {m('waiting')}
            </a>
            <a href="/moderation/log" aria-current={at === 'log' ? 'page' : undefined}>
              {m('log')}
            </a>
          </nav>
          {children}
        </>
      ) : (
        <ForModerators />
      )}
    </Page>
  )
}

function ForModerators() {
  return (
    <Notice icon={ShieldCheck} title={m('none.title')}>
      {m('none.text')}
    </Notice>
  )
}

interface ListedProps<T> {
  list: Paginator<T>
  empty: ComponentChildren
  children: ComponentChildren
}

function Listed<T>({ list, empty, children }: ListedProps<T>) {
  useEffect(() => void list.refresh(), [list])
  if (!list.started.value) {
    if (isProblem(list.problem.value, 'request.not_found')) return <ForModerators />
    if (list.status.value === 'error')
      return <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
    return (
      <div role="status" aria-label={t('ui.loading')}>
        <SkeletonPeople rows={4} />
      </div>
    )
  }
  if (list.items.value.length === 0 && list.status.value === 'done') return <>{empty}</>
  return (
    <>
      {children}
      <ListEnd list={list} />
    </>
  )
}
