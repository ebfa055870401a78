import { sql } from 'kysely'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

export async function addStoredBytes(tx: Tx, accountId: Id, bytes: number): Promise<void> {
  if (bytes === 0) return
  await tx
    .insertInto('storage_counts')
    .values({ bucket: bucketOf(accountId), account_id: accountId, bytes })
    .onConflict((on) =>
      on
        .columns(['bucket', 'account_id'])
        .doUpdateSet((eb) => ({ bytes: eb('storage_counts.bytes', '+', eb.ref('excluded.bytes')) })),
    )
    .execute()
}

export async function findStored(
  db: Db | Tx,
  accountId: Id,
): Promise<{ bytes: number; quotaBytes: number | null }> {
  const row = await db
    .selectFrom('storage_counts')
    .select(['bytes', 'quota_bytes'])
    .where('bucket', '=', bucketOf(accountId))
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  const quota = row?.quota_bytes ?? null
  return { bytes: Number(row?.bytes ?? 0), quotaBytes: quota === null ? null : Number(quota) }
}

/** Null: as the setting says; -1: none. */
export async function setQuota(db: Db | Tx, accountId: Id, quotaBytes: number | null): Promise<void> {
  await db
    .insertInto('storage_counts')
    .values({ bucket: bucketOf(accountId), account_id: accountId, bytes: 0, quota_bytes: quotaBytes })
    .onConflict((on) => on.columns(['bucket', 'account_id']).doUpdateSet({ quota_bytes: quotaBytes }))
    .execute()
}

export async function sumStored(db: Db): Promise<number> {
  const row = await db
    .selectFrom('storage_counts')
    .select((sum) => sum.fn.sum<string | null>('bytes').as('bytes'))
    .executeTakeFirst()
  return Number(row?.bytes ?? 0)
}

export async function listLargest(db: Db, limit: number): Promise<{ accountId: Id; bytes: number }[]> {
  const rows = await db
    .selectFrom('storage_counts')
    .select(['account_id', 'bytes'])
    .where('bytes', '>', sql.lit('0'))
    .orderBy('bytes', 'desc')
    .orderBy('account_id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ accountId: row.account_id, bytes: Number(row.bytes) }))
}

/**
 * Proves each account's bytes against its media. The counters of a bucket are locked before the rows are summed:
 * whoever has changed objects but not yet the count waits for the lock with both.
 */
export async function recountStored(database: Database): Promise<{ checked: number; repaired: number }> {
  const report = { checked: 0, repaired: 0 }
  const buckets = new Set<number>()
  for (const table of ['media', 'storage_counts'] as const)
    for await (const bucket of occupiedBuckets(database.main, table)) buckets.add(bucket)
  for (const bucket of buckets) {
    const { checked, repaired } = await database.transaction((tx) => recountBucket(tx, bucket))
    report.checked += checked
    report.repaired += repaired
  }
  return report
}

async function recountBucket(tx: Tx, bucket: number): Promise<{ checked: number; repaired: number }> {
  await fillIn(tx, bucket)
  const locked = await tx
    .selectFrom('storage_counts')
    .select(['account_id', 'bytes'])
    .where('bucket', '=', bucket)
    .orderBy('account_id')
    .forUpdate()
    .execute()
  const truth = await sumOf(tx, bucket)
  let repaired = 0
  for (const row of locked) {
    const bytes = truth.get(row.account_id) ?? 0
    if (bytes === Number(row.bytes)) continue
    await tx
      .updateTable('storage_counts')
      .set({ bytes })
      .where('bucket', '=', bucket)
      .where('account_id', '=', row.account_id)
      .execute()
    repaired++
  }
  return { checked: locked.length, repaired }
}

/** Accounts without a counter get one, so that there is something to lock. */
async function fillIn(tx: Tx, bucket: number): Promise<void> {
  await sql`
    insert into storage_counts (bucket, account_id, bytes)
    select distinct bucket, owner_id, 0 from media where bucket = ${bucket}
    on conflict (bucket, account_id) do nothing
  `.execute(tx)
}

async function sumOf(tx: Tx, bucket: number): Promise<Map<Id, number>> {
  const { rows } = await sql<{ owner_id: Id; bytes: string }>`
    select owner_id, sum((object ->> 'bytes')::bigint) as bytes
    from media, jsonb_array_elements(objects) as object
    where bucket = ${bucket} and objects is not null
    group by owner_id
  `.execute(tx)
  return new Map(rows.map((row) => [row.owner_id, Number(row.bytes)]))
}
