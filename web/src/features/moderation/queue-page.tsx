import type { ModerationCase } from '@heliograph/contract/moderation'
import { SunMedium } from 'lucide-preact'
import { useRef } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { createPaginator, keepPaginator } from '../../lib/paging.ts'
import { Notice } from '../../ui/notice.tsx'
import { AdminFrame, Listed } from '../admin/admin-frame.tsx'
import { CaseCard } from './case-card.tsx'
import { countCases } from './cases-waiting.ts'
import { m } from './moderation-words.ts'

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
    <AdminFrame at="reports">
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
    </AdminFrame>
  )
}
