import { limits } from '@heliograph/contract/limits'
import type { Notification } from '@heliograph/contract/notifications'
import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { StoriesApi } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { fillPage } from '#platform/db/fill-page.ts'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import type { LookAtGroups, Told } from './notifications-reading.ts'
import { findMarks, type GroupRow, listGroups } from './notifications-repository.ts'
import { answeredInPlace, presentNotification, type UnreadCounts } from './notifications-view.ts'

interface Deps {
  database: Database
  clock: Clock
  accounts: Pick<AccountsApi, 'presentListItem'>
  graph: Pick<GraphApi, 'relationships'>
  stories: Pick<StoriesApi, 'reactionsOf'>
  look: LookAtGroups
}

export interface PageOfNotifications {
  items: Notification[]
  /** Where the list goes on behind each of them. */
  positions: (readonly string[])[]
  nextPosition: readonly string[] | null
  /** Everybody and everything that it depends on. */
  about: Set<Id>
  /** Milliseconds; see `Looked`. */
  endsAt: number
}

export interface Unread extends UnreadCounts {
  /** Everybody and everything that the numbers depend on. */
  about: Set<Id>
}

export interface NotificationsList {
  page(
    viewer: { id: Id },
    request: { position: readonly string[] | null; limit: number },
  ): Promise<PageOfNotifications>
  unread(viewer: { id: Id }): Promise<Unread>
  /** What was read nowhere, is later than that and may be seen, the latest first. */
  since(viewer: { id: Id }, id: Id): Promise<Told[]>
}

export function createNotificationsList(deps: Deps): NotificationsList {
  const { accounts, graph, stories, look } = deps
  const { main } = deps.database

  async function lookSince(viewer: { id: Id }, id: Id) {
    const groups = await listGroups(main, viewer.id, { since: id, limit: limits.unreadCount })
    const looked = await look(viewer, groups)
    const told = looked.told.filter(({ latestId, reply }) => compareIds(latestId, id) > 0 && !reply?.isRead)
    return { ...looked, told }
  }

  async function unread(viewer: { id: Id }) {
    const { told, about } = await lookSince(viewer, (await findMarks(main, viewer.id)).seen_id)
    return {
      unreadCount: told.length,
      unreadMessages: told.filter(({ reply }) => reply).length,
      endsAt: firstEnd(told, deps.clock.now()),
      about,
    }
  }

  return {
    since: async (viewer, id) => (await lookSince(viewer, id)).told,
    unread,

    async page(viewer, request) {
      const told = new Map<Id, Told>()
      const about = new Set<Id>()
      let endsAt = Number.POSITIVE_INFINITY
      const skeleton = {
        read: (behind: readonly string[] | null, limit: number) =>
          listGroups(main, viewer.id, { behind, limit }),
        positionOf: ({ latest_id, id }: GroupRow) => [latest_id, id],
      }
      const keep = async (groups: GroupRow[]) => {
        const looked = await look(viewer, groups)
        for (const one of looked.told) told.set(one.group.id, one)
        for (const id of looked.about) about.add(id)
        endsAt = Math.min(endsAt, looked.endsAt)
        return groups.filter(({ id }) => told.has(id))
      }
      const [found, marks] = await Promise.all([
        fillPage(skeleton, keep, request),
        findMarks(main, viewer.id),
      ])
      const shown = found.rows.map(({ id }) => told.get(id)!)
      const answered = shown.filter(({ group }) => answeredInPlace.includes(group.kind))
      const [relationships, reactions] = await Promise.all([
        graph.relationships(
          viewer.id,
          answered.flatMap(({ people }) => people.map(({ id }) => id)),
        ),
        stories.reactionsOf(shown.flatMap(lastReaction)),
      ])
      const around = {
        viewerId: viewer.id,
        seenId: marks.seen_id,
        relationships,
        reactions,
        presentListItem: accounts.presentListItem,
      }
      return {
        items: shown.map((one) => presentNotification(one, around)),
        positions: found.rows.map(skeleton.positionOf),
        nextPosition: found.nextPosition,
        about,
        endsAt,
      }
    },
  }
}

/** An answer counts on after the end of its Story. */
function firstEnd(told: readonly Told[], now: number): number {
  const ends = told.flatMap(({ story, reply }) => (story && !reply ? Date.parse(story.expiresAt) : []))
  return Math.min(...ends.filter((at) => at > now))
}

function lastReaction({ group, people: [latest] }: Told): { storyId: Id; userId: Id }[] {
  return group.kind === 'story_reaction' && latest ? [{ storyId: group.target_id, userId: latest.id }] : []
}
