import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { MediaApi } from '#modules/media'
import type { Messages } from '#modules/messages'
import type { PostsApi } from '#modules/posts'
import type { StoriesApi } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { Outbound } from '#platform/http/outbound.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { createExportNotifications } from './export-notifications.ts'
import { boardRows, createBoards } from './notifications-boards.ts'
import { defineDigest } from './notifications-digest.ts'
import { followForNotifications } from './notifications-follow.ts'
import { createNotificationsList } from './notifications-list.ts'
import { tellNotificationsLive } from './notifications-live.ts'
import { createMarks } from './notifications-marks.ts'
import { createLook } from './notifications-reading.ts'
import { createReconcile, type ReconcileReport } from './notifications-reconcile.ts'
import { mountNotifications } from './notifications-routes.ts'
import { defineUpkeep } from './notifications-upkeep.ts'
import { pushMessages } from './push/message-push.ts'
import { createPushDelivery } from './push/push-delivery.ts'
import { definePushJob } from './push/push-job.ts'
import { createPushPlaces } from './push/push-places.ts'
import { createPushSender } from './push/push-sender.ts'
import { createPushSubscriptions } from './push/push-subscriptions.ts'
import { vapidKeysOf } from './push/vapid-keys.ts'

export type { ReconcileReport } from './notifications-reconcile.ts'
export type { NotificationsEvents, NotificationsTables } from './notifications-tables.ts'

export interface NotificationsDeps {
  database: Database
  ids: IdSource
  events: Events
  jobs: Jobs
  clock: Clock
  log: Log
  coherence: Pick<Coherence, 'createKept'>
  hub: Pick<LiveHub, 'isConnected' | 'send'>
  accounts: AccountsApi
  graph: GraphApi
  posts: PostsApi
  media: Pick<MediaApi, 'addressesChangeAt'>
  stories: StoriesApi
  messages: Pick<Messages['api'], 'news' | 'storyReplies'>
  outbound: Outbound
  /** Of which the key pair of this server's pushes is made. */
  pushSecrets: Keys
  publicUrl: string
}

export interface NotificationsApi {
  /** Proves the list against the rows that it tells of, and makes it agree. */
  reconcile(): Promise<ReconcileReport>
}

export interface Notifications {
  api: NotificationsApi
  routes(http: Http): void
}

export function createNotifications(deps: NotificationsDeps): Notifications {
  const { jobs, log, media, messages, pushSecrets, publicUrl } = deps
  const following = followForNotifications(deps)
  const list = createNotificationsList({ ...deps, look: createLook({ ...deps, ...messages }) })
  const boards = createBoards({
    ...deps,
    addressesChangeAt: media.addressesChangeAt,
    async read(viewer) {
      const [page, unread] = await Promise.all([
        list.page(viewer, { position: null, limit: boardRows }),
        list.unread(viewer),
      ])
      return {
        page,
        unreadCount: unread.unreadCount,
        unreadMessages: unread.unreadMessages,
        about: page.about.union(unread.about),
        endsAt: unread.endsAt,
      }
    },
  })
  const subscriptions = createPushSubscriptions(deps)
  const keys = pushSecrets.map((secret) => vapidKeysOf(secret, publicUrl))
  const reconcile = createReconcile({ ...deps, following })

  tellNotificationsLive({ ...deps, list, boards })
  const deliver = createPushDelivery({
    subscriptions,
    places: createPushPlaces(deps),
    send: createPushSender({ ...deps, keys }),
  })
  definePushJob({ ...deps, list, messages: messages.news, deliver })
  pushMessages({ ...deps, list, messages: messages.news, deliver })
  defineDigest({ ...deps, list })
  defineUpkeep(deps)
  deps.accounts.whenExported(createExportNotifications({ list, subscriptions }))
  jobs.every(
    'notifications.reconcile',
    '47 3 * * *',
    async () => log.info(await reconcile(), 'Notifications have been compared with what they tell of'),
    { lane: 'bulk' },
  )

  return {
    api: { reconcile },
    routes: (http) =>
      mountNotifications(http, {
        boards,
        list,
        marks: createMarks(deps),
        subscriptions,
        pushKey: keys[0]!.publicKey,
      }),
  }
}
