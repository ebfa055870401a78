import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { requireRoomForStoryHidden } from './graph-policy.ts'
import { countRows, insertPair, type Pair, pairs, removePair } from './pair-rows.ts'

/** `from` hides their Stories; `to` does not see them, and does not learn of it. */
export interface StoryHidden {
  /** Throws `story_hidden.too_many`. */
  hide(pair: Pair): Promise<void>
  unhide(pair: Pair): Promise<void>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  accounts: AccountsApi
}

/** It outlasts a follow: whoever follows again still does not see them. */
export function createStoryHidden({ database, ids, events, clock, accounts }: Deps): StoryHidden {
  const about = ({ from, to }: Pair) => ({
    bucket: bucketOf(to),
    subjectId: to,
    data: { userId: from, hiddenId: to },
  })
  return {
    hide: (pair) =>
      database.transaction(
        async (tx) => {
          const { from, to } = pair
          const locked = await accounts.lockAccounts(tx, [from, to])
          const listed = await countRows(tx, pairs.storyHidden.truth, from)
          const id = ids.next(bucketOf(from))
          if (!(await insertPair(tx, pairs.storyHidden, { from, to, id, now: new Date(clock.now()) }))) return
          requireRoomForStoryHidden(listed)
          // Addresses of Stories that are out are in their hands already.
          if (locked.get(from)?.sharesLimited) await accounts.endSight(tx, from)
          await events.emit(tx, 'graph.story_hidden', about(pair))
        },
        { by: pair.from },
      ),

    unhide: (pair) =>
      database.transaction(
        async (tx) => {
          await accounts.lockAccounts(tx, [pair.from, pair.to])
          if (!(await removePair(tx, pairs.storyHidden, pair))) return
          await events.emit(tx, 'graph.story_unhidden', about(pair))
        },
        { by: pair.from },
      ),
  }
}
