import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { AccountsApi } from './accounts-api.ts'
import type { CountKind, CountRows } from './accounts-types.ts'
import { type CountsPosition, countOf, listCounted, lockCounts, setCount } from './counts-repository.ts'

const batch = 500
/** Few at a time, so that nobody's follow or post waits long for the lock. */
const lockedAtOnce = 50

export function createRecount({ database, log }: { database: Database; log: Log }): AccountsApi['recount'] {
  return async (kind, countRows) => {
    const report = { checked: 0, repaired: 0 }
    let position: CountsPosition | null = null
    for (;;) {
      const found: CountsPosition[] = await listCounted(database.main, position, batch)
      for (const [bucket, ids] of groupsOf(found)) {
        report.checked += ids.length
        report.repaired += await recountGroup(database, { kind, bucket, ids, countRows })
      }
      position = found.at(-1) ?? null
      if (found.length < batch) break
    }
    if (report.repaired > 0) log.warn({ kind, ...report }, 'counters were wrong and have been repaired')
    return report
  }
}

interface Group {
  kind: CountKind
  bucket: number
  ids: Id[]
  countRows: CountRows
}

/**
 * The counters are locked before the rows are counted: whoever has written a row but not yet its count waits
 * for the lock with both, and adds to the repaired figure.
 */
function recountGroup(database: Database, { kind, bucket, ids, countRows }: Group): Promise<number> {
  return database.transaction(async (tx) => {
    const locked = await lockCounts(tx, ids)
    const truth = await countRows(tx, bucket, ids)
    let repaired = 0
    for (const [id, row] of locked) {
      const count = truth.get(id) ?? 0
      if (countOf(row, kind) === count) continue
      await setCount(tx, id, kind, count)
      repaired++
    }
    return repaired
  })
}

/** Accounts of one bucket, at most so many in a group. */
function groupsOf(accounts: CountsPosition[]): [bucket: number, ids: Id[]][] {
  const groups: [number, Id[]][] = []
  for (const { bucket, userId } of accounts) {
    const last = groups.at(-1)
    if (last && last[0] === bucket && last[1].length < lockedAtOnce) last[1].push(userId)
    else groups.push([bucket, [userId]])
  }
  return groups
}
