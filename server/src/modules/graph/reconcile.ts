import { sql } from 'kysely'
import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import {
  hasRow,
  insertPair,
  type MirroredKind,
  type Pair,
  type PairRow,
  type PairTable,
  pairs,
  removePair,
} from './pair-rows.ts'

/** Of these the other side is made to agree with the true one. */
const mirrored: readonly MirroredKind[] = [
  pairs.follows,
  pairs.requests,
  pairs.blocks,
  pairs.closeFriends,
  pairs.storyHidden,
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
    for (const kind of mirrored) {
      for await (const rows of batchesOf(kind.truth)) {
        report.checked += rows.length
        for (const row of await without(kind.mirror, rows))
          if (await repair(kind, { from: row.owner, to: row.other })) report.added++
      }
      for await (const rows of batchesOf(kind.mirror)) {
        for (const row of await without(kind.truth, rows))
          if (await repair(kind, { from: row.other, to: row.owner })) report.removed++
      }
    }
    return report
  }

  /** Looked at again under the locks of both: what was changing just now is whole by then. */
  function repair(kind: MirroredKind, pair: Pair): Promise<boolean> {
    return database.transaction(async (tx) => {
      await accounts.lockAccounts(tx, [pair.from, pair.to])
      const isTrue = await hasRow(tx, kind.truth, { owner: pair.from, other: pair.to })
      const isMirrored = await hasRow(tx, kind.mirror, { owner: pair.to, other: pair.from })
      if (isTrue === isMirrored) return false
      await (isTrue ? addMirror(tx, kind, pair) : removeMirror(tx, kind, pair))
      return true
    })
  }

  async function addMirror(tx: Tx, kind: MirroredKind, pair: Pair): Promise<void> {
    const now = new Date(clock.now())
    const mirrorId = ids.next(bucketOf(pair.to))
    // The true row stands: this id is not used.
    await insertPair(tx, kind, { ...pair, now, id: mirrorId, mirrorId })
    if (kind === pairs.blocks) await announce(tx, 'graph.blocked', pair)
    if (kind === pairs.closeFriends) await events.emit(tx, 'graph.close_friend_added', closeFriend(pair))
    if (kind === pairs.storyHidden) {
      await accounts.endSight(tx, pair.from)
      await events.emit(tx, 'graph.story_hidden', storyHidden(pair))
    }
  }

  async function removeMirror(tx: Tx, kind: MirroredKind, pair: Pair): Promise<void> {
    await removePair(tx, kind, pair)
    if (kind === pairs.blocks) await announce(tx, 'graph.unblocked', pair)
    if (kind === pairs.closeFriends) {
      await accounts.endSight(tx, pair.from)
      await events.emit(tx, 'graph.close_friend_removed', closeFriend(pair))
    }
    if (kind === pairs.storyHidden) await events.emit(tx, 'graph.story_unhidden', storyHidden(pair))
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

  async function* batchesOf(table: PairTable): AsyncGenerator<PairRow[]> {
    let after: PairRow & { bucket: number } = { bucket: -1, owner: '0', other: '0' }
    const [owner, other] = [sql.ref(table.owner), sql.ref(table.other)]
    for (;;) {
      const found = await sql<PairRow & { bucket: number }>`
        select bucket, ${owner} as owner, ${other} as other from ${sql.table(table.name)}
        where (bucket, ${owner}, ${other})
          > (${after.bucket}::smallint, ${after.owner}::bigint, ${after.other}::bigint)
        order by bucket, ${owner}, ${other}
        limit ${batch}
      `.execute(database.main)
      if (found.rows.length > 0) yield found.rows
      if (found.rows.length < batch) return
      after = found.rows.at(-1) ?? after
    }
  }

  /** Rows whose other side does not stand in `table`. */
  async function without(table: PairTable, rows: PairRow[]): Promise<PairRow[]> {
    const [owner, other] = [sql.ref(`t.${table.owner}`), sql.ref(`t.${table.other}`)]
    const found = await sql<PairRow>`
      select ${other} as owner, ${owner} as other
      from unnest(
        ${rows.map((row) => bucketOf(row.other))}::smallint[],
        ${rows.map((row) => row.other)}::bigint[],
        ${rows.map((row) => row.owner)}::bigint[]
      ) as wanted(bucket, owner, other)
      join ${sql.table(table.name)} t
        on t.bucket = wanted.bucket and ${owner} = wanted.owner and ${other} = wanted.other
    `.execute(database.main)
    const there = new Set(found.rows.map(nameOf))
    return rows.filter((row) => !there.has(nameOf(row)))
  }
}

function closeFriend({ from, to }: Pair) {
  return { bucket: bucketOf(to), subjectId: to, data: { userId: from, friendId: to } }
}

function nameOf({ owner, other }: PairRow): string {
  return `${owner} ${other}`
}

function storyHidden({ from, to }: Pair) {
  return { bucket: bucketOf(to), subjectId: to, data: { userId: from, hiddenId: to } }
}
