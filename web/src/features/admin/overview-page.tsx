import type { AdminOverview } from '@heliograph/contract/admin'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { locale } from '../../lib/i18n.ts'
import { moderates } from '../../lib/session.ts'
import { ProblemNotice } from '../../ui/notice.tsx'
import { bytesText } from '../settings/bytes-text.ts'
import { AdminFrame, Fact, Group, Loading } from './admin-frame.tsx'
import { a } from './admin-words.ts'

export function OverviewPage() {
  const [seen, setSeen] = useState<AdminOverview>()
  const [problem, setProblem] = useState<unknown>()

  async function read(): Promise<void> {
    setProblem(undefined)
    await call('GET /api/admin/overview').then(setSeen, setProblem)
  }
  useEffect(() => {
    if (moderates.value) void read()
  }, [])

  return (
    <AdminFrame at="overview">
      {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
      {seen || problem ? null : <Loading />}
      {seen ? <Numbers of={seen} /> : null}
    </AdminFrame>
  )
}

function Numbers({ of: seen }: { of: AdminOverview }) {
  const { reportsWaiting, verificationsWaiting, accounts, storage, jobs, processes } = seen
  const number = (count: number) => new Intl.NumberFormat(locale()).format(count)
  return (
    <div class="admin">
      <Group title={a('overview.waits')}>
        <Fact name={a('overview.reports')} href="/moderation">
          {number(reportsWaiting)}
        </Fact>
        {verificationsWaiting === null ? null : (
          <Fact name={a('overview.verifications')} href="/admin/verification">
            {number(verificationsWaiting)}
          </Fact>
        )}
        {accounts && accounts.waiting > 0 ? (
          <Fact name={a('overview.joining')} href="/admin/accounts?state=waiting">
            {number(accounts.waiting)}
          </Fact>
        ) : null}
      </Group>
      {accounts ? (
        <Group title={a('overview.accounts')}>
          <Fact
            name={a('overview.total')}
            hint={a('overview.fresh', { count: accounts.fresh })}
            href="/admin/accounts"
          >
            {number(accounts.total)}
          </Fact>
          <Fact name={a('overview.suspended')} href="/admin/accounts?state=suspended">
            {number(accounts.suspended)}
          </Fact>
          <Fact name={a('invitations.open')} href="/admin/invitations">
            {a('invitations.all')}
          </Fact>
        </Group>
      ) : null}
      {storage && jobs ? (
        <Group title={a('overview.machine')}>
          <Fact name={a('overview.storage')}>{bytesText(storage.usedBytes, locale())}</Fact>
          <Fact name={a('overview.jobs')}>
            {jobs.waiting > 0 ? a('overview.jobs.waiting', { count: jobs.waiting }) : a('overview.jobs.none')}
          </Fact>
          <Fact name={a('overview.failed')} hint={jobs.failed > 0 ? a('overview.failed.hint') : undefined}>
            {number(jobs.failed)}
          </Fact>
          {processes?.map(({ roles, host }, at) => (
            <Fact key={`${host} ${at}`} name={a('overview.process', { host })}>
              {new Intl.ListFormat(locale()).format(roles.split(' and '))}
            </Fact>
          ))}
        </Group>
      ) : null}
    </div>
  )
}
