import { notificationsEndpoints } from '@heliograph/contract/notifications'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page, rawPage } from '#platform/http/mount.ts'
import { whenThere } from '#platform/soon/soon.ts'
import { type Boards, boardRows } from './notifications-boards.ts'
import type { NotificationsList } from './notifications-list.ts'
import type { NotificationsMarks } from './notifications-marks.ts'
import { presentUnread } from './notifications-view.ts'
import type { PushSubscriptions } from './push/push-subscriptions.ts'

interface Deps {
  boards: Boards
  list: NotificationsList
  marks: NotificationsMarks
  subscriptions: PushSubscriptions
  pushKey: string
}

export function mountNotifications(http: Http, { boards, list, marks, subscriptions, pushKey }: Deps): void {
  mount(http, notificationsEndpoints, {
    'GET /api/notifications': ({ viewer, query: { limit }, position }) => {
      if (position === null && limit <= boardRows)
        return whenThere(boards.beginning(viewer, limit), ({ items, nextPosition, ...unread }) =>
          rawPage(items, nextPosition, presentUnread(unread)),
        )
      return Promise.all([list.page(viewer, { position, limit }), list.unread(viewer)]).then(
        ([found, unread]) => page(found.items, found.nextPosition, presentUnread(unread)),
      )
    },
    'PUT /api/notifications/seen': async ({ viewer, body }) => {
      await marks.see(viewer, body?.latestId)
      return noContent()
    },
    'PUT /api/notifications/:id/read': async ({ viewer, params }) => {
      await marks.read(viewer, params.id)
      return noContent()
    },
    'GET /api/push-key': () => answer(200, { key: pushKey }),
    'POST /api/push-subscriptions': async ({ viewer, body }) => {
      await subscriptions.add(viewer, body)
      return noContent()
    },
    'DELETE /api/push-subscriptions': async ({ viewer, body }) => {
      await subscriptions.remove(viewer, body.endpoint)
      return noContent()
    },
  })
}
