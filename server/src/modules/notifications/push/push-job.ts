import type { AccountsApi } from '#modules/accounts'
import type { MessagesNews } from '#modules/messages'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { compareIds, type Id, minIdAt } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { NotificationsList } from '../notifications-list.ts'
import { newestOf, type Told } from '../notifications-reading.ts'
import { findMarks, raiseMark } from '../notifications-repository.ts'
import { countOnIcon } from './icon-count.ts'
import { againTo, triesAgain } from './push-again.ts'
import type { DeliverPush } from './push-delivery.ts'
import { createPushPace, type PushPace } from './push-pace.ts'
import type { PushMessage } from './push-sender.ts'
import { lineOf, manyLine, pathOf, textOf } from './push-words.ts'
import { quietUntil } from './quiet-hours.ts'

interface Deps {
  database: Database
  events: Events
  jobs: Jobs
  clock: Clock
  accounts: Pick<AccountsApi, 'notificationSettingsOf'>
  list: Pick<NotificationsList, 'since' | 'unread'>
  messages: Pick<MessagesNews, 'unreadCount'>
  deliver: DeliverPush
}

interface Telling {
  userId: Id
  /** A device that could not be reached before. */
  only?: string[]
  tries?: number
}

const name = 'notifications.push'
const keyOf = ({ userId, only }: Telling) => `${name}:${userId}${only ? againTo(only) : ''}`
/** Of its own: what waits for the morning, or for a calmer minute, takes the place of nothing that must be told now. */
const quietKeyOf = (telling: Telling) => `${keyOf(telling)}:quiet`

/** What concerns security is told to a device that could not be reached for so long in quiet hours too. */
const alarmedAgainMs = 2 * 3_600_000

/** Whoever is being pushed to is not pushed to beside that: what came meanwhile is told this much later. */
const meanwhileMs = 5000

/** One job a person, however much happened: it tells what is new when it runs, and what came meanwhile is in it. */
export function definePushJob(deps: Deps): void {
  const { jobs, events, clock } = deps
  /** In this process. */
  const underWay = new Set<string>()
  const pace = createPushPace()
  jobs.define<Telling>(name, {
    lane: 'push',
    maxAttempts: 6,
    async run(telling) {
      const { userId } = telling
      const key = `${userId} ${telling.only ?? ''}`
      if (underWay.has(key)) {
        const runAt = new Date(clock.now() + meanwhileMs)
        await jobs.enqueue(name, telling, { key: keyOf(telling), runAt })
        return
      }
      underWay.add(key)
      try {
        const again = await pushNews(deps, telling, { now: clock.now(), pace })
        if (again === null) return
        await jobs.enqueue(name, telling, { key: quietKeyOf(telling), runAt: new Date(again) })
      } finally {
        underWay.delete(key)
      }
    },
  })
  events.react(
    'notifications.changed',
    name,
    ({ subjectId, data }) => (data.push ? { userId: subjectId } : null),
    { key: ({ subjectId: userId }) => keyOf({ userId }) },
  )
}

/**
 * When to look again; null: everything is told. Marks are raised for all devices together; those that could not be reached are
 * each told later what is new then, and the others nothing twice.
 */
async function pushNews(
  deps: Deps,
  { userId, only, tries = 0 }: Telling,
  { now, pace }: { now: number; pace: PushPace },
): Promise<number | null> {
  const { database, jobs, accounts, list, messages, deliver } = deps
  const settings = (await accounts.notificationSettingsOf([userId])).get(userId)
  if (!settings?.isActive) return null
  const { pushed_id, alarmed_id, seen_id } = await findMarks(database.main, userId)
  const since = await list.since({ id: userId }, only ? seen_id : later(pushed_id, seen_id))
  const alarmedUpTo = only ? minIdAt(now - alarmedAgainMs) : alarmed_id
  // As the message that it is; see message-push.ts.
  const told = since.filter(({ group }) => group.kind !== 'story_reply')
  const isUrgent = ({ group: { kind, detail } }: Told) => kind === 'security' && !detail?.startsWith('verif')
  const alarms = told.filter((one) => isUrgent(one) && compareIds(one.latestId, alarmedUpTo) > 0)
  const until = quietUntil(settings.quietHours, settings.timeZone, now)
  const news = until === null ? told.filter((one) => !isUrgent(one) || alarms.includes(one)) : alarms
  if (news.length > 0) {
    // What concerns security waits for nothing, and takes the rest along.
    const calm = only || alarms.length > 0 ? null : pace.waitsUntil(userId, now)
    if (calm !== null) return calm
    const unreadCount = await countOnIcon({ list, messages }, userId)
    const late = await deliver(userId, messageOf(news, settings, unreadCount), {
      urgency: alarms.length > 0 ? 'high' : 'normal',
      topic: 'notifications',
      ...(only && { only }),
    })
    if (!only) pace.note(userId, now)
    await jobs.enqueueMany(
      triesAgain({ late, tries, now }).map(({ runAt, ...again }) => {
        const telling = { userId, ...again }
        return { name, payload: telling, options: { key: keyOf(telling), runAt } }
      }),
    )
  }
  const [alarmed, pushed] = only ? [] : [newestOf(alarms), newestOf(told)]
  if (alarmed !== undefined) await raiseMark(database.main, userId, 'alarmed_id', alarmed)
  if (until === null && pushed !== undefined) await raiseMark(database.main, userId, 'pushed_id', pushed)
  return until !== null && told.length > alarms.length ? until : null
}

function messageOf(
  news: readonly Told[],
  { language, pushText }: { language: 'en' | 'de'; pushText: boolean },
  unreadCount: number,
): PushMessage {
  const [first] = news
  const one = first!
  const id = newestOf(news)!
  if (news.length === 1)
    return {
      title: lineOf(one, language),
      body: pushText ? textOf(one) : '',
      path: pathOf(one),
      unreadCount,
      id,
    }
  return {
    title: manyLine(news.length, language),
    body: lineOf(one, language),
    path: '/notifications',
    unreadCount,
    id,
  }
}

function later(a: Id, b: Id): Id {
  return compareIds(a, b) > 0 ? a : b
}
