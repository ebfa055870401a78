import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { insertPair, type Pair, pairs, removePair } from './pair-rows.ts'
import { loadRelationships } from './relations.ts'

export interface Favourites {
  /** Throws `favourite.not_followed`. */
  add(pair: Pair): Promise<void>
  remove(pair: Pair): Promise<void>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  accounts: AccountsApi
}

/** A favourite is a followee: the row hangs on the row of the follow, and whatever ends that ends it. */
export function createFavourites({ database, ids, events, clock, accounts }: Deps): Favourites {
  return {
    add: ({ from, to }) =>
      database.transaction(
        async (tx) => {
          // As for every change of a pair: a follow that is ending right now comes before or after.
          await accounts.lockAccounts(tx, [from, to])
          const relationship = (await loadRelationships(tx, from, [to])).get(to)
          if (relationship?.following !== 'yes') throw fault('favourite.not_followed')
          const id = ids.next(bucketOf(from))
          if (!(await insertPair(tx, pairs.favourites, { from, to, id, now: new Date(clock.now()) }))) return
          const data = { userId: from, favouriteId: to }
          await events.emit(tx, 'graph.favourite_added', { bucket: bucketOf(to), subjectId: to, data })
        },
        { by: from },
      ),

    remove: ({ from, to }) =>
      database.transaction(
        async (tx) => {
          if (!(await removePair(tx, pairs.favourites, { from, to }))) return
          const data = { userId: from, favouriteId: to }
          await events.emit(tx, 'graph.favourite_removed', { bucket: bucketOf(to), subjectId: to, data })
        },
        { by: from },
      ),
  }
}
