import type { VerificationItem } from '@heliograph/contract/verification'
import { BadgeCheck } from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { createPaginator, keepPaginator } from '../../lib/paging.ts'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { AdminFrame } from '../admin/admin-frame.tsx'
import { countCases } from '../moderation/cases-waiting.ts'
import { RequestCard } from './request-card.tsx'
import { v } from './verification-words.ts'

const waiting = () =>
  keepPaginator('verification', () =>
    createPaginator(
      (cursor, signal) => call('GET /api/admin/verification-requests', { query: { cursor }, signal }),
      (one: VerificationItem) => one.id,
    ),
  )

/** Who asks to be verified, the longest waiting first. For admins. */
export function VerificationQueuePage() {
  return (
    <AdminFrame at="verification" title={v('queue')}>
      <VerificationQueue />
    </AdminFrame>
  )
}

function VerificationQueue() {
  const list = waiting()
  useEffect(() => void list.refresh(), [list])
  const started = list.started.value
  const failed = !started && list.status.value === 'error'
  const empty = started && list.items.value.length === 0 && list.status.value === 'done'
  return (
    <>
      {failed ? <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} /> : null}
      {started || failed ? null : <SkeletonPeople />}
      {empty ? (
        <Notice icon={BadgeCheck} title={v('queue.empty.title')}>
          {v('queue.empty.text')}
        </Notice>
      ) : null}
      <ul class="cases">
        {list.items.value.map((item) => (
          <li key={item.id}>
            <RequestCard
              item={item}
              onDecided={() => {
                list.remove(({ id }) => id === item.id)
                void countCases()
              }}
              onChanged={() => void list.refresh()}
            />
          </li>
        ))}
      </ul>
      {started && !empty ? <ListEnd list={list} /> : null}
    </>
  )
}
