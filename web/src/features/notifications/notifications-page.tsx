import type { Notification } from '@heliograph/contract/notifications'
import { Bell, Settings } from 'lucide-preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Paginator } from '../../lib/paging.ts'
import { me } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { PullToRefresh } from '../../ui/pull-to-refresh.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { NotificationRow } from './notification-row.tsx'
import { n } from './notification-words.ts'
import { markSeen, openNotifications, watchList } from './notifications.ts'
import './notifications.css'

export function NotificationsPage() {
  const list = openNotifications()
  const [fresh] = useState(() => new Set<string>())
  const read = useCallback(async () => {
    await list.refresh()
    // Seen by now, and still what is new to whoever is looking on.
    for (const { id, isNew } of list.items.peek()) if (isNew) fresh.add(id)
    await markSeen(list)
  }, [list, fresh])
  useEffect(() => watchList(read), [read])
  return (
    <Page
      title={n('title')}
      back
      backTo="/"
      actions={<IconButton icon={Settings} href="/settings/notifications" label={n('settings')} />}
    >
      <PullToRefresh refresh={read}>
        <NotificationsList list={list} fresh={fresh} onRead={() => void read()} />
      </PullToRefresh>
    </Page>
  )
}

interface ListProps {
  list: Paginator<Notification>
  /** What was new when this page was opened, and came since. */
  fresh: ReadonlySet<string>
  onRead: () => void
}

function NotificationsList({ list, fresh: shown, onRead }: ListProps) {
  const items = list.items.value.map((item) => (shown.has(item.id) ? { ...item, isNew: true } : item))
  if (!list.started.value) {
    if (list.status.value === 'error') return <ProblemNotice error={list.problem.value} onRetry={onRead} />
    return <SkeletonPeople />
  }
  if (items.length === 0 && list.status.value === 'done') {
    return (
      <Notice
        icon={Bell}
        title={n('empty.title')}
        action={
          <Button kind="primary" href="/share">
            {n('empty.action')}
          </Button>
        }
      >
        {n('empty.text')}
      </Notice>
    )
  }
  const fresh = items.filter(({ isNew }) => isNew)
  const older = items.filter(({ isNew }) => !isNew)
  const waiting = me.value?.followRequestCount ?? 0
  const requests =
    waiting > 1 ? (
      <a class="told-all quiet" href="/requests">
        {n('allRequests')} · {waiting}
      </a>
    ) : null
  return (
    <>
      {requests}
      {fresh.length > 0 ? <Rows title={n('section.new')} items={fresh} list={list} onRead={onRead} /> : null}
      {older.length > 0 ? (
        <Rows
          title={fresh.length > 0 ? n('section.earlier') : undefined}
          items={older}
          list={list}
          onRead={onRead}
        />
      ) : null}
      <ListEnd list={list} />
    </>
  )
}

interface RowsProps {
  title: string | undefined
  items: readonly Notification[]
  list: Paginator<Notification>
  onRead: () => void
}

function Rows({ title, items, list, onRead }: RowsProps) {
  return (
    <section class="told-section">
      {title ? <h2>{title}</h2> : null}
      <ul aria-label={title ?? n('title')}>
        {items.map((item) => (
          <NotificationRow
            key={item.id}
            item={item}
            onAnswered={() => list.remove(({ id }) => id === item.id)}
            onOver={onRead}
          />
        ))}
      </ul>
    </section>
  )
}
