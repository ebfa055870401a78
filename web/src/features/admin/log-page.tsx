import type { LogLine } from '@heliograph/contract/admin'
import { BookOpenCheck } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { createPaginator, keepPaginator } from '../../lib/paging.ts'
import { Notice } from '../../ui/notice.tsx'
import { AdminFrame, Listed } from './admin-frame.tsx'
import { a } from './admin-words.ts'
import { LogLines } from './log-lines.tsx'
import { Select } from './select.tsx'

type Shown = 'all' | LogLine['kind']

/** What admins did and what moderators decided, as one. */
export function LogPage() {
  const [shown, setShown] = useState<Shown>('all')
  return (
    <AdminFrame at="log">
      <div class="admin-filters">
        <Select
          label={a('log.kind')}
          value={shown}
          options={[
            { value: 'all', label: a('log.all') },
            { value: 'act', label: a('log.acts') },
            { value: 'decision', label: a('log.decisions') },
          ]}
          onChange={setShown}
        />
      </div>
      <Lines key={shown} shown={shown} />
    </AdminFrame>
  )
}

function Lines({ shown }: { shown: Shown }) {
  const list = keepPaginator(`admin-log ${shown}`, () =>
    createPaginator(
      (cursor, signal) =>
        call('GET /api/admin/log', {
          query: { cursor, ...(shown === 'all' ? {} : { kind: shown }) },
          signal,
        }),
      (line: LogLine) => line.id,
    ),
  )
  return (
    <Listed
      list={list}
      empty={
        <Notice icon={BookOpenCheck} title={a('log.empty.title')}>
          {a('log.empty.text')}
        </Notice>
      }
    >
      <LogLines lines={list.items.value} />
    </Listed>
  )
}
