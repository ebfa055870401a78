import type { NotificationChoices } from '@heliograph/contract/preferences'
import type { AccountsApi } from '#modules/accounts'
import type { MessagesNews } from '#modules/messages'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { EventOf, Events } from '#platform/events/events.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { Jobs, NewJob } from '#platform/jobs/jobs.ts'
import type { NotificationsList } from '../notifications-list.ts'
import { countOnIcon } from './icon-count.ts'
import { messagePushOf } from './message-words.ts'
import { againTo, triesAgain } from './push-again.ts'
import type { DeliverPush } from './push-delivery.ts'
import { findReachable } from './push-subscriptions.ts'
import { quietUntil } from './quiet-hours.ts'

interface Deps {
  database: Database
  events: Events
  jobs: Jobs
  clock: Clock
  accounts: Pick<AccountsApi, 'notificationSettingsOf'>
  list: Pick<NotificationsList, 'unread'>
  messages: MessagesNews
  deliver: DeliverPush
}

interface Told {
  userId: Id
  conversationId: Id
  /** A device that could not be reached before. */
  only?: string[]
  tries?: number
}

const name = 'notifications.push_messages'

/** What comes within this time is told together. */
const slotMs = 2000
/** Whoever looks at it on a device has read it by then, and the others stay silent. */
const lookMs = 1500

/**
 * Messages of accepted conversations, to those of their readers who have a device that asked. One job for each conversation and
 * reader and moment; it tells what is unread when it runs, so what was read meanwhile, wherever it was, is told to no device.
 */
export function pushMessages(deps: Deps): void {
  const { database, events, jobs } = deps
  /** In this process: of one conversation one after the other, as each tells what the one before did not. */
  const underWay = new Map<string, Promise<void>>()
  jobs.define<Told>(name, {
    lane: 'push',
    maxAttempts: 6,
    async run(told) {
      const key = `${told.userId} ${told.conversationId}`
      const before = underWay.get(key) ?? Promise.resolve()
      const turn = before.catch(() => undefined).then(() => pushNews(deps, told))
      underWay.set(key, turn)
      await turn.finally(() => {
        if (underWay.get(key) === turn) underWay.delete(key)
      })
    },
  })
  events.follow('notifications.messages', ['messages.sent'], async (batch) => {
    const wanted = batch.flatMap(jobsOf)
    const reachable = await findReachable(database.main, [
      ...new Set(wanted.map(({ payload }) => payload.userId)),
    ])
    await jobs.enqueueMany(wanted.filter(({ payload }) => reachable.has(payload.userId)))
  })
}

function jobsOf({ id, data }: EventOf<'messages.sent'>): (NewJob & { payload: Told })[] {
  const { conversationId, memberIds, senderId, requestedOf } = data
  const slot = Math.floor(timeOf(id) / slotMs)
  const runAt = new Date((slot + 1) * slotMs + lookMs)
  return memberIds
    .filter((userId) => userId !== senderId && !requestedOf.includes(userId))
    .map((userId) => ({
      name,
      payload: { userId, conversationId },
      options: { key: `${name}:${userId}:${conversationId}:${slot}`, runAt },
    }))
}

async function pushNews(deps: Deps, told: Told): Promise<void> {
  const { jobs, clock, accounts, list, messages, deliver } = deps
  const { userId, conversationId, only, tries = 0 } = told
  // Apart from what is for all devices: a waiting job of a key is replaced.
  const key = `${name}:${userId}:${conversationId}${only ? againTo(only) : ''}`
  const settings = (await accounts.notificationSettingsOf([userId])).get(userId)
  if (!settings?.isActive) return
  const until = quietUntil(settings.quietHours, settings.timeZone, clock.now())
  if (until !== null)
    return await jobs.enqueue(name, { ...told }, { key: `${key}:quiet`, runAt: new Date(until) })
  const reader = { id: userId }
  const wants = (message: { isFollowed: boolean; isStoryReply: boolean }) =>
    isWanted(settings.notifications, message)
  const news = await messages.find(reader, conversationId, { again: only !== undefined, wants })
  if (!news) return
  const unreadCount = await countOnIcon({ list, messages }, userId)
  const message = messagePushOf(news, settings, { conversationId, unreadCount })
  const late = await deliver(userId, message, {
    urgency: 'high',
    topic: `messages-${conversationId}`,
    ...(only && { only }),
  })
  // One device alone tells the others nothing of what came since.
  if (!only) await messages.noteTold(userId, conversationId, news.sequence)
  await jobs.enqueueMany(
    triesAgain({ late, tries, now: clock.now() }).map(({ only: device, tries: count, runAt }) => ({
      name,
      payload: { userId, conversationId, only: device, tries: count },
      options: { key: `${name}:${userId}:${conversationId}${againTo(device)}`, runAt },
    })),
  )
}

/** An answer to a Story is both. */
function isWanted(
  { conversations, stories }: NotificationChoices,
  { isFollowed, isStoryReply }: { isFollowed: boolean; isStoryReply: boolean },
): boolean {
  const wishes = isStoryReply ? [conversations, stories] : [conversations]
  return wishes.some((wish) => wish === 'everyone' || (wish === 'following' && isFollowed))
}
