import { sql } from 'kysely'
import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { deleteCloseFriend, insertCloseFriend } from './close-friends-repository.ts'
import {
  deleteBlock,
  deleteFollow,
  deleteRequest,
  insertBlock,
  insertFollow,
  insertRequest,
  type Pair,
} from './graph-repository.ts'

/**
 * A relation is two rows in two buckets, which no foreign key ties. One side is the truth: whoever follows, asks
 * or blocks, or keeps a list; the other side is made to agree with it.
 */
interface PairKind {
  name: 'follows' | 'requests' | 'blocks' | 'close friends'
  truth: PairTable
  mirror: PairTable
}

interface PairTable {
  name: string
  /** The columns of the primary key after `bucket`, in order. */
  key: readonly [first: string, second: string]
}

const kinds: readonly PairKind[] = [
  {
    name: 'follows',
    truth: { name: 'following', key: ['follower_id', 'followed_id'] },
    mirror: { name: 'followers', key: ['followed_id', 'follower_id'] },
  },
  {
    name: 'requests',
    truth: { name: 'follow_requests_sent', key: ['follower_id', 'followed_id'] },
    mirror: { name: 'follow_requests', key: ['followed_id', 'follower_id'] },
  },
  {
    name: 'blocks',
    truth: { name: 'blocks', key: ['blocker_id', 'blocked_id'] },
    mirror: { name: 'blocked_by', key: ['blocked_id', 'blocker_id'] },
  },
  {
    name: 'close friends',
    truth: { name: 'close_friends', key: ['user_id', 'friend_id'] },
    mirror: { name: 'close_friend_of', key: ['friend_id', 'user_id'] },
  },
]

export interface ReconcileReport {
  checked: number
  /** Other sides that were missing. */
  added: number
  /** Other sides that nothing stood behind. */
  removed: number
}

const batch = 1000

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
  accounts: AccountsApi
  events: Events
}

export function createReconcile({ database, ids, clock, accounts, events }: Deps) {
  return async (): Promise<ReconcileReport> => {
    const report = { checked: 0, added: 0, removed: 0 }
    for (const kind of kinds) {
      for await (const rows of batchesOf(kind.truth)) {
        report.checked += rows.length
        for (const row of await without(kind.mirror, rows))
          if (await repair(kind, { from: row.first, to: row.second })) report.added++
      }
      for await (const rows of batchesOf(kind.mirror)) {
        for (const row of await without(kind.truth, rows))
          if (await repair(kind, { from: row.second, to: row.first })) report.removed++
      }
    }
    return report
  }

  /** Looked at again under the locks of both: what was changing just now is whole by then. */
  function repair(kind: PairKind, pair: Pair): Promise<boolean> {
    return database.transaction(async (tx) => {
      await accounts.lockAccounts(tx, [pair.from, pair.to])
      const isTrue = await exists(tx, kind.truth, { first: pair.from, second: pair.to })
      const isMirrored = await exists(tx, kind.mirror, { first: pair.to, second: pair.from })
      if (isTrue === isMirrored) return false
      await (isTrue ? addMirror(tx, kind, pair) : removeMirror(tx, kind, pair))
      return true
    })
  }

  async function addMirror(tx: Tx, kind: PairKind, pair: Pair): Promise<void> {
    const now = new Date(clock.now())
    const row = { ...pair, now, id: ids.next(bucketOf(pair.to)) }
    if (kind.name === 'follows') await insertFollow(tx, { ...row, fromId: row.id, toId: row.id })
    if (kind.name === 'requests') await insertRequest(tx, row)
    if (kind.name === 'blocks') {
      await insertBlock(tx, row)
      await announce(tx, 'graph.blocked', pair)
    }
    if (kind.name === 'close friends') {
      await insertCloseFriend(tx, row)
      await events.emit(tx, 'graph.close_friend_added', closeFriend(pair))
    }
  }

  async function removeMirror(tx: Tx, kind: PairKind, pair: Pair): Promise<void> {
    if (kind.name === 'follows') await deleteFollow(tx, pair)
    if (kind.name === 'requests') await deleteRequest(tx, pair)
    if (kind.name === 'blocks') {
      await deleteBlock(tx, pair)
      await announce(tx, 'graph.unblocked', pair)
    }
    if (kind.name === 'close friends') {
      await deleteCloseFriend(tx, pair)
      await accounts.endSight(tx, pair.from)
      await events.emit(tx, 'graph.close_friend_removed', closeFriend(pair))
    }
  }

  /** The side that is repaired is the one that the other's sight goes by, wherever it is kept in memory. */
  async function announce(
    tx: Tx,
    kind: 'graph.blocked' | 'graph.unblocked',
    { from, to }: Pair,
  ): Promise<void> {
    const data = { blockerId: from, blockedId: to }
    await events.emit(tx, kind, { bucket: bucketOf(to), subjectId: to, data })
  }

  async function* batchesOf(table: PairTable): AsyncGenerator<Row[]> {
    let after: Row & { bucket: number } = { bucket: -1, first: '0', second: '0' }
    for (;;) {
      const [first, second] = table.key.map((column) => sql.ref(column))
      const found = await sql<Row & { bucket: number }>`
        select bucket, ${first} as first, ${second} as second from ${sql.table(table.name)}
        where (bucket, ${first}, ${second})
          > (${after.bucket}::smallint, ${after.first}::bigint, ${after.second}::bigint)
        order by bucket, ${first}, ${second}
        limit ${batch}
      `.execute(database.main)
      if (found.rows.length > 0) yield found.rows
      if (found.rows.length < batch) return
      after = found.rows.at(-1) ?? after
    }
  }

  /** Rows whose other side does not stand in `table`. */
  async function without(table: PairTable, rows: Row[]): Promise<Row[]> {
    const [first, second] = table.key.map((column) => sql.ref(`t.${column}`))
    const found = await sql<Row>`
      select ${second} as first, ${first} as second
      from unnest(
        ${rows.map((row) => bucketOf(row.second))}::smallint[],
        ${rows.map((row) => row.second)}::bigint[],
        ${rows.map((row) => row.first)}::bigint[]
      ) as wanted(bucket, first, second)
      join ${sql.table(table.name)} t
        on t.bucket = wanted.bucket and ${first} = wanted.first and ${second} = wanted.second
    `.execute(database.main)
    const there = new Set(found.rows.map(nameOf))
    return rows.filter((row) => !there.has(nameOf(row)))
  }
}

interface Row {
  first: Id
  second: Id
}

function closeFriend({ from, to }: Pair) {
  return { bucket: bucketOf(to), subjectId: to, data: { userId: from, friendId: to } }
}

function nameOf({ first, second }: Row): string {
  return `${first} ${second}`
}

async function exists(tx: Tx, table: PairTable, { first, second }: Row): Promise<boolean> {
  const [firstColumn, secondColumn] = table.key.map((column) => sql.ref(column))
  const found = await sql`
    select 1 from ${sql.table(table.name)}
    where bucket = ${bucketOf(first)} and ${firstColumn} = ${first} and ${secondColumn} = ${second}
  `.execute(tx)
  return found.rows.length > 0
}
