import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { EventKind, Events } from '#platform/events/events.ts'
import { LiveLog } from '#platform/live/live-log.ts'
import { until } from '../../../test/helpers/until.ts'
import type { Unread } from './notifications-list.ts'
import { tellNotificationsLive } from './notifications-live.ts'

test('a count that was asked for first and is answered last is not what devices go on showing', async () => {
  const told = new LiveLog({ maxWords: 10, maxLength: 1000 })
  const handlers = new Map<EventKind, (event: { subjectId: string }) => void>()
  const asked: ((unread: Unread) => void)[] = []
  tellNotificationsLive({
    events: { on: (kind: EventKind, handler: never) => handlers.set(kind, handler) } as unknown as Events,
    hub: { isConnected: () => true, send: (_id, event, order) => void told.add(event, order) },
    log: pino({ level: 'silent' }),
    boards: { onGone() {}, onTouched() {} },
    list: { unread: () => new Promise((answer) => asked.push(answer)) },
  })
  for (const count of [1, 2]) {
    handlers.get('notifications.changed')?.({ subjectId: '7' })
    await until(() => asked.length === count)
  }
  asked[1]?.(unread(5))
  await until(() => told.last === 1)
  asked[0]?.(unread(4))
  await new Promise(setImmediate)
  assert.equal(told.last, 1)
  assert.match(told.behind(0) ?? '', /"unreadCount":5/)
})

const unread = (unreadCount: number): Unread => ({
  unreadCount,
  unreadMessages: 0,
  about: new Set(),
  endsAt: Number.POSITIVE_INFINITY,
})
