import { limits } from '@heliograph/contract/limits'
import type { Notification } from '@heliograph/contract/notifications'
import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { Database } from '#platform/db/db.ts'
import { fillPage } from '#platform/db/fill-page.ts'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import type { LookAtGroups, Told } from './notifications-reading.ts'
import { findMarks, type GroupRow, listGroups } from './notifications-repository.ts'
import { answeredInPlace, presentNotification } from './notifications-view.ts'

interface Deps {
  database: Database
  accounts: Pick<AccountsApi, 'presentListItem'>
  graph: Pick<GraphApi, 'relationships'>
  look: LookAtGroups
}

export interface PageOfNotifications {
  items: Notification[]
  nextPosition: readonly string[] | null
}

export interface NotificationsList {
  page(
    viewer: { id: Id },
    request: { position: readonly string[] | null; limit: number },
  ): Promise<PageOfNotifications>
  /** Rows with something that was not looked at yet, up to `limits.unreadCount`. */
  unreadCount(viewer: { id: Id }): Promise<number>
  /** What is later than that and may be seen, the latest first. */
  since(viewer: { id: Id }, id: Id): Promise<Told[]>
}

export function createNotificationsList({ database, accounts, graph, look }: Deps): NotificationsList {
  const { main } = database

  async function since(viewer: { id: Id }, id: Id): Promise<Told[]> {
    const groups = await listGroups(main, viewer.id, { since: id, limit: limits.unreadCount })
    return (await look(viewer, groups)).filter(({ latestId }) => compareIds(latestId, id) > 0)
  }

  return {
    since,

    async unreadCount(viewer) {
      return (await since(viewer, (await findMarks(main, viewer.id)).seen_id)).length
    },

    async page(viewer, request) {
      const told = new Map<Id, Told>()
      const skeleton = {
        read: (behind: readonly string[] | null, limit: number) =>
          listGroups(main, viewer.id, { behind, limit }),
        positionOf: ({ latest_id, id }: GroupRow) => [latest_id, id],
      }
      const keep = async (groups: GroupRow[]) => {
        for (const one of await look(viewer, groups)) told.set(one.group.id, one)
        return groups.filter(({ id }) => told.has(id))
      }
      const [found, marks] = await Promise.all([
        fillPage(skeleton, keep, request),
        findMarks(main, viewer.id),
      ])
      const shown = found.rows.map(({ id }) => told.get(id)!)
      const answered = shown.filter(({ group }) => answeredInPlace.includes(group.kind))
      const relationships = await graph.relationships(
        viewer.id,
        answered.flatMap(({ people }) => people.map(({ id }) => id)),
      )
      const around = {
        viewerId: viewer.id,
        seenId: marks.seen_id,
        relationships,
        presentListItem: accounts.presentListItem,
      }
      return {
        items: shown.map((one) => presentNotification(one, around)),
        nextPosition: found.nextPosition,
      }
    },
  }
}
