import type { Notification } from '@heliograph/contract/notifications'
import type { ExportRoom } from '#modules/accounts'
import type { Id } from '#platform/ids/ids.ts'
import type { NotificationsList } from './notifications-list.ts'
import type { PushSubscriptions } from './push/push-subscriptions.ts'

interface Deps {
  list: Pick<NotificationsList, 'page'>
  subscriptions: Pick<PushSubscriptions, 'listOf'>
}

const batch = 100

/** What a person was told, as they find it in the list, and which browsers of theirs are pushed to. */
export function createExportNotifications({ list, subscriptions }: Deps): ExportRoom {
  async function* told(id: Id) {
    for (let position: readonly string[] | null = null; ; ) {
      const page = await list.page({ id }, { position, limit: batch })
      for (const one of page.items) yield presentTold(one)
      position = page.nextPosition
      if (position === null) return
    }
  }

  async function* browsers(id: Id) {
    for (const { endpoint, created_at } of await subscriptions.listOf(id))
      yield { service: new URL(endpoint).host, since: created_at }
  }

  return {
    name: 'notifications',
    data: ({ id }) => [
      {
        name: 'notifications',
        about: {
          en: 'What you were told, what happened to the safety of your account among it.',
          de: 'Was dir mitgeteilt wurde, auch was die Sicherheit deines Kontos betrifft.',
        },
        rows: () => told(id),
      },
      {
        name: 'push',
        about: { en: 'Browsers that you are told in.', de: 'Browser, in denen du davon erfährst.' },
        rows: () => browsers(id),
      },
    ],
  }
}

/** Without addresses: they end. */
function presentTold(one: Notification): object {
  const { kind, latestAt, isRead, people, peopleCount, post, comment, story, message } = one
  return {
    kind,
    at: latestAt,
    isRead,
    people: people.map(({ username }) => username),
    peopleCount,
    ...(post && { postId: post.id }),
    ...(comment && { comment }),
    ...(story && { storyId: story.id }),
    ...(message && { message }),
    ...(one.decision && { decision: one.decision }),
    ...(one.security && { security: one.security }),
  }
}
