import type { LogLine } from '@heliograph/contract/admin'
import { useMemo } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { createPaginator } from '../../lib/paging.ts'
import { Listed } from './admin-frame.tsx'
import { a } from './admin-words.ts'
import { LogLines } from './log-lines.tsx'

/** What was done and decided about one account. */
export function AccountLog({ username }: { username: string }) {
  const list = useMemo(
    () =>
      createPaginator(
        (cursor, signal) => call('GET /api/admin/log', { query: { cursor, account: username }, signal }),
        (line: LogLine) => line.id,
      ),
    [username],
  )
  return (
    <Listed list={list} empty={<p class="admin-note quiet">{a('account.log.none')}</p>}>
      <LogLines lines={list.items.value} />
    </Listed>
  )
}
