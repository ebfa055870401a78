import type { Answer } from '@heliograph/contract/call'
import { SunDim } from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { createPaginator, keepPaginator } from '../../lib/paging.ts'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

type KeptSignal = Answer<'GET /api/me/signals'>['items'][number]

const keptList = () =>
  keepPaginator('kept', () =>
    createPaginator(
      (cursor, signal) => call('GET /api/me/signals', { query: { cursor }, signal }),
      ({ id }: KeptSignal) => id,
    ),
  )

/** Everything that is kept of what one looked at and did, the newest first. */
export function KeptPage() {
  const list = keptList()
  useEffect(() => void list.refresh(), [list])
  const started = list.started.value
  const failed = !started && list.status.value === 'error'
  const empty = started && list.items.value.length === 0 && list.status.value === 'done'
  return (
    <SettingsShell title={w('kept.title')} at="/settings/preferences" backTo="/settings/personalisation">
      {failed ? <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} /> : null}
      {started || failed ? null : <SkeletonPeople />}
      {empty ? <Notice icon={SunDim} title={w('kept.empty.title')} /> : null}
      <ul aria-label={w('kept.title')}>
        {list.items.value.map((kept) => (
          <li key={kept.id} class="settings-row">
            <span>
              {wordsOf(kept)}
              {kept.dwellMs ? <span class="settings-note">{lengthOf(kept.dwellMs)}</span> : null}
            </span>
            <span class="quiet">
              <TimeAgo iso={kept.at} />
            </span>
          </li>
        ))}
      </ul>
      {started ? <ListEnd list={list} /> : null}
    </SettingsShell>
  )
}

function wordsOf({ kind, username, tag }: KeptSignal): string {
  if (kind === 'session') return w('kept.session')
  if (kind === 'hashtag_tap') return w('kept.hashtag_tap', { tag: tag ?? '' })
  return username ? w(`kept.${kind}.by`, { name: username }) : w(`kept.${kind}`)
}

function lengthOf(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  return seconds < 90
    ? w('kept.seconds', { count: seconds })
    : w('kept.minutes', { count: Math.round(seconds / 60) })
}
