import { sql } from 'kysely'
import type { Db } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { MediaObject, MediaRow } from '../media-tables.ts'

/** A medium as those see it who look after its objects. */
export type StoredMedia = MediaRow & { objects: MediaObject[] | null }

const pageSize = 200

/** Every medium by (bucket, id) from behind the given one on, released ones too. A page is of one bucket. */
export async function* eachStored(db: Db, behind: Id | null = null): AsyncGenerator<StoredMedia[]> {
  const first = behind === null ? 0 : bucketOf(behind)
  for await (const bucket of occupiedBuckets(db, 'media')) {
    if (bucket < first) continue
    let after: Id = behind !== null && bucket === first ? behind : '0'
    while (true) {
      const rows = await db
        .selectFrom('media')
        .selectAll()
        .where('bucket', '=', bucket)
        .where('id', '>', after)
        .orderBy('id')
        .limit(pageSize)
        .execute()
      if (rows.length > 0) yield rows
      if (rows.length < pageSize) break
      after = rows.at(-1)!.id
    }
  }
}

export async function findStoredMedia(db: Db, ids: readonly Id[]): Promise<StoredMedia[]> {
  if (ids.length === 0) return []
  return await db
    .selectFrom('media')
    .selectAll()
    .where('bucket', 'in', [...new Set(ids.map(bucketOf))])
    .where('id', 'in', [...ids])
    .execute()
}

/** Where the walk of the night before ended; null: it came to its end. */
export async function findPlace(db: Db, walk: 'tiers'): Promise<Id | null> {
  const row = await db
    .selectFrom('media_walks')
    .select('after_id')
    .where('bucket', '=', 0)
    .where('walk', '=', walk)
    .executeTakeFirst()
  return row?.after_id ?? null
}

export async function notePlace(db: Db, walk: 'tiers', after: Id | null): Promise<void> {
  if (after === null)
    await db.deleteFrom('media_walks').where('bucket', '=', 0).where('walk', '=', walk).execute()
  else
    await db
      .insertInto('media_walks')
      .values({ bucket: 0, walk, after_id: after })
      .onConflict((on) => on.columns(['bucket', 'walk']).doUpdateSet({ after_id: after }))
      .execute()
}

export interface KeptSum {
  kind: string
  tier: string
  objects: number
  bytes: number
}

/** What rows refer to, by the first part of the key and where it lies. */
export async function sumKept(db: Db): Promise<KeptSum[]> {
  const sums = new Map<string, KeptSum>()
  for await (const bucket of occupiedBuckets(db, 'media')) {
    const { rows } = await sql<{ kind: string; tier: string; objects: string; bytes: string }>`
      select split_part(object ->> 'key', '/', 1) as kind, coalesce(object ->> 'tier', 'hot') as tier,
        count(*) as objects, sum((object ->> 'bytes')::bigint) as bytes
      from media, jsonb_array_elements(objects) as object
      where bucket = ${bucket} and objects is not null
      group by 1, 2
    `.execute(db)
    for (const { kind, tier, objects, bytes } of rows) {
      const sum = sums.get(`${kind} ${tier}`) ?? { kind, tier, objects: 0, bytes: 0 }
      sums.set(`${kind} ${tier}`, {
        ...sum,
        objects: sum.objects + Number(objects),
        bytes: sum.bytes + Number(bytes),
      })
    }
  }
  return [...sums.values()].sort((a, b) => (`${a.kind} ${a.tier}` < `${b.kind} ${b.tier}` ? -1 : 1))
}
