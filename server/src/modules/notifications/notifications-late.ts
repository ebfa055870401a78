import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, compareIds, type Id, minIdAt } from '#platform/ids/ids.ts'
import type { Wanted } from './notifications-wanted.ts'

interface Deps {
  ids: Pick<IdSource, 'next'>
  clock: Clock
}

/** Two processes are 40 s apart at most (platform/db/check-server.ts); the rest is time to follow. */
const lateMs = 60_000

/**
 * Ids are those of the moment in which something happened, by the clock of the process where it did. One that is behind makes
 * what happened just now older than what was looked at, or pushed, elsewhere a moment ago: it would be listed, and never be new
 * to anybody. Such rows come in behind what was looked at; those that are there keep their places.
 */
export async function bringBehindMarks(
  { ids, clock }: Deps,
  tx: Tx,
  standing: readonly Wanted[],
): Promise<readonly Wanted[]> {
  const since = minIdAt(clock.now() - lateMs)
  const isOfNow = ({ id }: Wanted) => compareIds(id, since) > 0
  const marks = await findMarksOf(tx, [...new Set(standing.filter(isOfNow).map(({ userId }) => userId))])
  return standing.map((one) => {
    const mark = marks.get(one.userId)
    if (mark === undefined || !isOfNow(one) || compareIds(one.id, mark) > 0) return one
    return { ...one, id: behind(mark, ids.next(bucketOf(one.userId))) }
  })
}

/** Up to where each was looked at or pushed. */
async function findMarksOf(tx: Tx, userIds: readonly Id[]): Promise<Map<Id, Id>> {
  if (userIds.length === 0) return new Map()
  const found = await sql<{ user_id: Id; mark: Id }>`
    select m.user_id, greatest(m.seen_id, m.pushed_id, m.alarmed_id) as mark
    from unnest(${userIds.map(bucketOf)}::smallint[], ${[...userIds]}::bigint[]) as w(bucket, user_id)
    join notification_marks m on m.bucket = w.bucket and m.user_id = w.user_id
  `.execute(tx)
  return new Map(found.rows.map((row) => [row.user_id, row.mark]))
}

/** The clock here may be the one that is behind. */
function behind(mark: Id, drawn: Id): Id {
  return compareIds(drawn, mark) > 0 ? drawn : String(BigInt(mark) + 1n)
}
