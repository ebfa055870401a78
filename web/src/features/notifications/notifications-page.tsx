import type { Notification } from '@heliograph/contract/notifications'
import { Bell, Settings } from 'lucide-preact'
import { useCallback, useEffect } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { onLive, onReconcile } from '../../lib/live.ts'
import { createPaginator, keepPaginator, type Paginator } from '../../lib/paging.ts'
import { me } from '../../lib/session.ts'
import { putUser } from '../../lib/store.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { PullToRefresh } from '../feed/pull-to-refresh.tsx'
import { noteTold } from '../messages/story-end.ts'
import { NotificationRow } from './notification-row.tsx'
import { n } from './notification-words.ts'
import { unreadCount } from './unread.ts'
import './notifications.css'

function openList(): Paginator<Notification> {
  return keepPaginator('notifications', () =>
    createPaginator(
      async (cursor, signal) => {
        const page = await call('GET /api/notifications', { query: { cursor }, signal })
        // How one stands to them is told where it can be answered: elsewhere its absence means nothing.
        for (const { people } of page.items)
          for (const { relationship, ...person } of people)
            putUser(relationship ? { ...person, relationship } : person)
        noteTold(page.items.flatMap(({ story }) => story ?? []))
        return page
      },
      ({ id }: Notification) => id,
    ),
  )
}

/** Whoever sees them has seen them: on all devices nothing of it counts as new any more. */
async function markSeen(list: Paginator<Notification>): Promise<void> {
  const newest = list.items.peek().find(({ isNew }) => isNew)
  if (!newest || document.visibilityState !== 'visible') return
  await call('PUT /api/notifications/seen', { body: { latestId: newest.latestId } }).catch(() => undefined)
}

export function NotificationsPage() {
  const list = openList()
  const read = useCallback(async () => {
    await list.refresh()
    await markSeen(list)
  }, [list])
  useEffect(() => {
    void read()
    const stops = [
      // What came while one looks on is there at once; marking it says so to the other devices.
      onLive('notifications.changed', (event) => {
        if (event.unreadCount > 0) void read()
      }),
      onReconcile(() => void read()),
    ]
    const whenVisible = () => {
      if (document.visibilityState === 'visible' && unreadCount.peek() > 0) void read()
    }
    document.addEventListener('visibilitychange', whenVisible)
    return () => {
      for (const stop of stops) stop()
      document.removeEventListener('visibilitychange', whenVisible)
    }
  }, [read])
  return (
    <Page
      title={n('title')}
      back
      backTo="/"
      actions={<IconButton icon={Settings} href="/settings/notifications" label={n('settings')} />}
    >
      <PullToRefresh refresh={read}>
        <NotificationsList list={list} onRead={() => void read()} />
      </PullToRefresh>
    </Page>
  )
}

function NotificationsList({ list, onRead }: { list: Paginator<Notification>; onRead: () => void }) {
  const items = list.items.value
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
