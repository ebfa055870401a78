import { sql } from 'kysely'
import type { AccountsApi } from '#modules/accounts'
import { localHourAt, mediaKinds } from '#modules/ranking'
import type { Database } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import { bucketOf, type Id, MIN_ID, maxId } from '#platform/ids/ids.ts'
import { loadSums } from './sums-repository.ts'

/** How much of what somebody looks at is looked at in each hour of their day. */
export interface Hours {
  timeZone: string
  /** 24 shares; all 0 when nothing is known. */
  shares: Float64Array
}

const hourMs = 60 * 60 * 1000
/** Who was not here for so long is not expected within the hour. */
const awayMs = 14 * 24 * hourMs
/** An hour is likely that has at least what each would have if all were alike. */
const likelyShare = 1 / 24
const page = 500

export function sharesOf(rhythm: ReadonlyMap<number, { answered: number; shown: number }>): Float64Array {
  const shares = new Float64Array(24)
  let total = 0
  for (const [slot, { answered, shown }] of rhythm) {
    const here = Math.max(0, answered) + shown
    shares[Math.floor(slot / mediaKinds.length)]! += here
    total += here
  }
  return total > 0 ? shares.map((here) => here / total) : shares
}

function isLikely(hours: Hours | undefined, now: number): boolean {
  if (!hours) return false
  const { timeZone, shares } = hours
  return [now, now + hourMs].some((ms) => shares[localHourAt(timeZone, ms)]! >= likelyShare)
}

export function createHours({
  database,
  accounts,
}: {
  database: Database
  accounts: Pick<AccountsApi, 'preferencesOf' | 'findByIds'>
}) {
  async function hoursOf(ids: readonly Id[]): Promise<Map<Id, Hours>> {
    const [preferences, sums] = await Promise.all([accounts.preferencesOf(ids), loadSums(database.main, ids)])
    return new Map(
      [...preferences].map(([id, { timeZone }]) => [
        id,
        { timeZone, shares: sharesOf(sums.get(id)!.rhythm) },
      ]),
    )
  }

  return {
    hoursOf,

    /** By their own hours and clock, people who are likely to open the app within an hour from `now`; round from behind `after`. */
    async *likelyToOpen(now: number, after: Id = MIN_ID): AsyncGenerator<Id[]> {
      const first = bucketOf(after)
      for await (const bucket of occupiedBuckets(database.main, 'signal_people', first))
        yield* likelyIn(bucket, now, { after: bucket === first ? after : MIN_ID, until: maxId })
      for await (const bucket of occupiedBuckets(database.main, 'signal_people')) {
        if (bucket > first) break
        yield* likelyIn(bucket, now, { after: MIN_ID, until: bucket === first ? after : maxId })
      }
    },
  }

  async function* likelyIn(
    bucket: number,
    now: number,
    { after, until }: { after: Id; until: Id },
  ): AsyncGenerator<Id[]> {
    for (let last = after; ; ) {
      const { rows } = await sql<{ user_id: Id }>`
        select user_id from signal_people
        where bucket = ${bucket} and user_id > ${last} and user_id <= ${until}
          and last_ended_at > ${new Date(now - awayMs)}
        order by user_id limit ${page}
      `.execute(database.main)
      const ids = rows.map(({ user_id }) => user_id)
      const [hours, accountOf] = await Promise.all([hoursOf(ids), accounts.findByIds(ids)])
      // In the order that one goes on in: accounts come in any.
      const likely = ids.filter((id) => accountOf.get(id)?.state === 'active' && isLikely(hours.get(id), now))
      if (likely.length > 0) yield likely
      if (ids.length < page) break
      last = ids.at(-1)!
    }
  }
}
