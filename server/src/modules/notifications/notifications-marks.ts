import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import { findNewest, markRead, raiseMark } from './notifications-repository.ts'

export interface NotificationsMarks {
  /** Up to this one, or all there are. */
  see(viewer: { id: Id }, latestId: Id | undefined): Promise<void>
  read(viewer: { id: Id }, groupId: Id): Promise<void>
}

/** All devices of the person are told what was looked at on one of them. */
export function createMarks({
  database,
  events,
}: {
  database: Database
  events: Events
}): NotificationsMarks {
  const changed = (id: Id) => ({ bucket: bucketOf(id), subjectId: id, data: { push: false } })
  return {
    async see(viewer, latestId) {
      await database.transaction(
        async (tx) => {
          const newest = await findNewest(tx, viewer.id)
          if (newest === undefined) return
          // Nobody has looked at what is not there yet.
          const upTo = latestId !== undefined && compareIds(latestId, newest) < 0 ? latestId : newest
          if (await raiseMark(tx, viewer.id, 'seen_id', upTo))
            await events.emit(tx, 'notifications.changed', changed(viewer.id))
        },
        { by: viewer.id },
      )
    },

    async read(viewer, groupId) {
      await database.transaction(
        async (tx) => {
          if (!(await markRead(tx, viewer.id, groupId))) throw fault('notification.not_found')
          await events.emit(tx, 'notifications.changed', changed(viewer.id))
        },
        { by: viewer.id },
      )
    },
  }
}
