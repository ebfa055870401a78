import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'

/** When media were last asked for, to the day. What is lost when a process is killed is asked for again some day. */
export interface MediaReads {
  /** Costs a look into memory. */
  note(mediaId: Id): void
  flush(): Promise<void>
  close(): Promise<void>
}

const flushMs = 60_000
const dayMs = 24 * 3_600_000
/** Noted today by this process: asked for again they cost nothing. */
const remembered = 200_000

export function createMediaReads(deps: { database: Database; clock: Clock; log: Log }): MediaReads {
  const { database, clock, log } = deps
  const noted = new LRUCache<Id, number>({ max: remembered })
  let waiting = new Set<Id>()

  async function flush(): Promise<void> {
    const ids = [...waiting]
    waiting = new Set()
    try {
      await writeReads(database.main, ids, new Date(clock.now()))
    } catch (error) {
      log.warn({ err: error }, 'the day on which pictures were last looked at could not be noted')
    }
  }

  const timer = setInterval(() => void flush(), flushMs)
  timer.unref()
  return {
    flush,
    note(mediaId) {
      const today = Math.floor(clock.now() / dayMs)
      if (noted.get(mediaId) === today) return
      noted.set(mediaId, today)
      waiting.add(mediaId)
    },
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}

async function writeReads(db: Db, ids: readonly Id[], day: Date): Promise<void> {
  const size = 1000
  for (let from = 0; from < ids.length; from += size) {
    const page = ids.slice(from, from + size).sort()
    await db
      .insertInto('media_reads')
      .values(
        page.map((id) => ({ bucket: bucketOf(id), media_id: id, read_on: day.toISOString().slice(0, 10) })),
      )
      .onConflict((on) =>
        on
          .columns(['bucket', 'media_id'])
          .doUpdateSet((eb) => ({ read_on: eb.ref('excluded.read_on') }))
          .where(sql<boolean>`media_reads.read_on < excluded.read_on`),
      )
      .execute()
  }
}

/** The last day of each medium that was ever asked for. */
export async function findReads(db: Db, bucket: number, ids: readonly Id[]): Promise<Map<Id, Date>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('media_reads')
    .select(['media_id', sql<string>`read_on::text`.as('read_on')])
    .where('bucket', '=', bucket)
    .where('media_id', 'in', [...ids])
    .execute()
  return new Map(rows.map((row) => [row.media_id, new Date(`${row.read_on}T00:00:00Z`)]))
}
