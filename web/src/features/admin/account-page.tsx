import type { AdminAccount } from '@heliograph/contract/admin'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { dateLocale, locale } from '../../lib/i18n.ts'
import { moderates } from '../../lib/session.ts'
import { fullTime } from '../../lib/time.ts'
import type { PageProps } from '../../shell/page-props.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { Verified } from '../people/verified.tsx'
import { bytesText } from '../settings/bytes-text.ts'
import { AccountActs } from './account-acts.tsx'
import { AccountLog } from './account-log.tsx'
import { AdminFrame, Fact, Group, Loading } from './admin-frame.tsx'
import { roleText } from './admin-text.ts'
import { a } from './admin-words.ts'

export function AccountPage({ params }: PageProps) {
  const { username = '' } = params
  const [account, setAccount] = useState<AdminAccount>()
  const [problem, setProblem] = useState<unknown>()
  /** Told to the log, which reads itself anew. */
  const [changes, setChanges] = useState(0)

  async function read(): Promise<void> {
    setProblem(undefined)
    await call('GET /api/admin/accounts/:username', { params: { username } }).then(setAccount, setProblem)
  }
  useEffect(() => {
    if (moderates.value) void read()
  }, [])

  return (
    <AdminFrame at="accounts" title={username} backTo="/admin/accounts">
      {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
      {account || problem ? null : <Loading />}
      {account ? (
        <div class="admin">
          <Head account={account} />
          <Group title={a('account.acts')}>
            <AccountActs
              account={account}
              onChange={(now) => {
                if (now) setAccount(now)
                setChanges(changes + 1)
              }}
            />
          </Group>
          <Facts account={account} />
          <Group title={a('account.log')}>
            <AccountLog key={changes} username={account.username} />
          </Group>
        </div>
      ) : null}
    </AdminFrame>
  )
}

function Head({ account }: { account: AdminAccount }) {
  const { suspension } = account
  return (
    <header class="admin-head">
      <Avatar user={account} size={56} />
      <div>
        <p class="person-name">
          {account.username}
          <Verified user={account} />
        </p>
        {account.fullName ? (
          <p class="quiet">
            <bdi>{account.fullName}</bdi>
          </p>
        ) : null}
        <a class="text-link" href={`/${account.username}`}>
          {a('account.profile')}
        </a>
      </div>
      {suspension ? (
        <div class="admin-suspended">
          <p class="admin-bad">
            {a('account.suspended')}
            {' · '}
            {suspension.until
              ? a('account.until', { when: fullTime(suspension.until, dateLocale()) })
              : a('account.forever')}
          </p>
          <p>
            {suspension.reason ? a('account.reason', { reason: suspension.reason }) : a('account.noReason')}
          </p>
        </div>
      ) : null}
    </header>
  )
}

function Facts({ account }: { account: AdminAccount }) {
  const number = (count: number) => new Intl.NumberFormat(locale()).format(count)
  const { storage, sessionCount } = account
  return (
    <Group title={a('account.facts')}>
      <Fact name={a('account.state')}>{a(`state.${account.state}`)}</Fact>
      {account.deleteAt ? (
        <Fact name={a('account.deleteAt')}>
          {new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'long' }).format(Date.parse(account.deleteAt))}
        </Fact>
      ) : null}
      <Fact name={a('account.roles')}>{roleText(account.roles)}</Fact>
      <Fact name={a('account.since')}>
        {new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'long' }).format(Date.parse(account.createdAt))}
      </Fact>
      <Fact name={a('account.visible')}>{a(account.isPrivate ? 'account.private' : 'account.public')}</Fact>
      <Fact name={a('account.email')}>
        {a(account.emailVerified ? 'account.email.proven' : 'account.email.unproven')}
      </Fact>
      <Fact name={a('account.posts')}>{number(account.postCount)}</Fact>
      <Fact name={a('account.followers')}>{number(account.followerCount)}</Fact>
      <Fact name={a('account.following')}>{number(account.followingCount)}</Fact>
      {sessionCount === null ? null : (
        <Fact name={a('account.sessions')}>{a('account.devices', { count: sessionCount })}</Fact>
      )}
      {storage ? (
        <Fact name={a('account.storage')}>
          {storage.quotaBytes === null
            ? bytesText(storage.usedBytes, locale())
            : a('account.storage.of', {
                used: bytesText(storage.usedBytes, locale()),
                quota: bytesText(storage.quotaBytes, locale()),
              })}
        </Fact>
      ) : null}
    </Group>
  )
}
