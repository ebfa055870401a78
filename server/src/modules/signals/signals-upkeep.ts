import { sql } from 'kysely'
import { grown, halfLivesMs } from '#modules/ranking'
import type { Database } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import { untilShort } from '#platform/db/until-short.ts'
import { bucketOf, type Id, minIdAt } from '#platform/ids/ids.ts'

/** Raw signals are kept so long; what they came to stays in the sums, and fades. */
export const rawMs = 90 * 24 * 60 * 60 * 1000
const batch = 5000
/** A sum worth less than this share of one impression of today is nothing. */
const nothing = 0.01
const featuresKept = 600
const authorsKept = 2000

export async function purgeRaw(database: Database, now: number): Promise<number> {
  const end = minIdAt(now - rawMs)
  return untilShort(batch, async () => {
    const deleted = await sql`
      delete from signals where (bucket, user_id, kind, subject, day) in (
        select bucket, user_id, kind, subject, day from signals where id < ${end} limit ${batch}
      )
    `.execute(database.main)
    return Number(deleted.numAffectedRows ?? 0n)
  })
}

/** Keeps what is known of one person small: what has faded goes, and the weakest beyond the bounds. */
export async function trimSums(database: Database, now: number): Promise<number> {
  let trimmed = 0
  const worth = {
    authors: nothing * grown(now, halfLivesMs.authors),
    features: nothing * grown(now, halfLivesMs.features),
  }
  for await (const bucket of occupiedBuckets(database.main, 'signal_authors')) {
    const deleted = await sql`
      with ranked as materialized (
        select user_id, author_id, greatest(abs(given), received, shown) as worth, row_number() over (
          partition by user_id order by abs(given) + received + shown / 10 desc, author_id) as place
        from signal_authors where bucket = ${bucket}
      )
      delete from signal_authors s using ranked r
      where s.bucket = ${bucket} and s.user_id = r.user_id and s.author_id = r.author_id
        and (r.worth < ${worth.authors} or r.place > ${authorsKept})
    `.execute(database.main)
    trimmed += Number(deleted.numAffectedRows ?? 0n)
  }
  for await (const bucket of occupiedBuckets(database.main, 'signal_features')) {
    const deleted = await sql`
      with ranked as materialized (
        select user_id, feature, greatest(abs(answered), shown) as worth, row_number() over (
          partition by user_id order by abs(answered) + shown / 10 desc, feature) as place
        from signal_features where bucket = ${bucket}
      )
      delete from signal_features s using ranked r
      where s.bucket = ${bucket} and s.user_id = r.user_id and s.feature = r.feature
        and (r.worth < ${worth.features} or r.place > ${featuresKept})
    `.execute(database.main)
    trimmed += Number(deleted.numAffectedRows ?? 0n)
  }
  return trimmed
}

/** An account is deleted: what was kept of it, and what others' feeds know of it. */
export async function forgetAccount(database: Database, id: Id): Promise<Id[]> {
  const others = await database.main
    .selectFrom('signal_authors')
    .select('user_id')
    .where('author_id', '=', id)
    .execute()
  for (let at = 0; at < others.length; at += batch) {
    const ids = others.slice(at, at + batch).map(({ user_id }) => user_id)
    const wanted = sql`unnest(${ids.map(bucketOf)}::smallint[], ${ids}::bigint[]) as w(bucket, user_id)`
    await database.transaction(async (tx) => {
      await sql`delete from signals s using ${wanted}
        where s.bucket = w.bucket and s.user_id = w.user_id and s.person_id = ${id}`.execute(tx)
      await sql`delete from signal_authors s using ${wanted}
        where s.bucket = w.bucket and s.user_id = w.user_id and s.author_id = ${id}`.execute(tx)
    })
  }
  const bucket = bucketOf(id)
  await database.transaction(async (tx) => {
    for (const table of [
      'signals',
      'signal_authors',
      'signal_features',
      'signal_rhythm',
      'hidden_posts',
      'signal_people',
    ] as const)
      await sql`delete from ${sql.table(table)} where bucket = ${bucket} and user_id = ${id}`.execute(tx)
  })
  return others.map(({ user_id }) => user_id)
}
