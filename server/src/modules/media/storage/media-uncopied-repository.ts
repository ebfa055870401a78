import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

/** Copies that found something lost in the first place; whoever looks for it again is told by `storage repair`. */
const mostFailures = 5
/** Nobody needs to know by how much more it is behind. */
const mostCounted = 10_000

export async function addUncopied(tx: Tx, mediaId: Id, since: Date): Promise<void> {
  await tx
    .insertInto('media_uncopied')
    .values({ bucket: bucketOf(mediaId), media_id: mediaId, since, changes: 1, failures: 0 })
    .onConflict((on) =>
      on
        .columns(['bucket', 'media_id'])
        .doUpdateSet((eb) => ({ changes: eb('media_uncopied.changes', '+', 1), failures: 0 })),
    )
    .execute()
}

/** What had been stored when it was asked; undefined: all of it is copied. */
export async function findUncopied(db: Db, mediaId: Id): Promise<{ changes: number } | undefined> {
  return await db
    .selectFrom('media_uncopied')
    .select('changes')
    .where('bucket', '=', bucketOf(mediaId))
    .where('media_id', '=', mediaId)
    .executeTakeFirst()
}

/** Only when nothing was stored since. */
export async function deleteUncopied(db: Db, mediaId: Id, changes: number): Promise<void> {
  await db
    .deleteFrom('media_uncopied')
    .where('bucket', '=', bucketOf(mediaId))
    .where('media_id', '=', mediaId)
    .where('changes', '=', changes)
    .execute()
}

export async function noteCopyFailure(db: Db, mediaId: Id, changes: number): Promise<void> {
  await db
    .updateTable('media_uncopied')
    .set((eb) => ({ failures: eb('failures', '+', 1) }))
    .where('bucket', '=', bucketOf(mediaId))
    .where('media_id', '=', mediaId)
    .where('changes', '=', changes)
    .where('failures', '<', mostFailures)
    .execute()
}

/** Whole again: they are copied like all others. */
export async function forgetCopyFailures(db: Db, ids: readonly Id[]): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('media_uncopied')
    .set({ failures: 0 })
    .where('bucket', 'in', [...new Set(ids.map(bucketOf))])
    .where('media_id', 'in', [...ids])
    .where('failures', '>', 0)
    .execute()
}

/** Those that wait longest, without those of which something is lost. */
export async function listUncopied(db: Db, before: Date, limit: number): Promise<Id[]> {
  const rows = await db
    .selectFrom('media_uncopied')
    .select('media_id')
    .where('since', '<', before)
    .where('failures', '<', mostFailures)
    .orderBy('since')
    .limit(limit)
    .execute()
  return rows.map(({ media_id: id }) => id)
}

/** Of a page of media, lost ones too. */
export async function listUncopiedAmong(db: Db, media: readonly { id: Id }[]): Promise<Id[]> {
  if (media.length === 0) return []
  const rows = await db
    .selectFrom('media_uncopied')
    .select('media_id')
    .where('bucket', 'in', [...new Set(media.map(({ id }) => bucketOf(id)))])
    .where(
      'media_id',
      'in',
      media.map(({ id }) => id),
    )
    .execute()
  return rows.map(({ media_id: id }) => id)
}

export async function sumUncopied(db: Db): Promise<{ waiting: number; lost: number; oldest: Date | null }> {
  const { rows } = await sql<{ waiting: string; lost: string; oldest: Date | null }>`
    select count(*) filter (where failures < ${mostFailures}) as waiting,
      count(*) filter (where failures >= ${mostFailures}) as lost,
      min(since) filter (where failures < ${mostFailures}) as oldest
    from (select failures, since from media_uncopied order by since limit ${mostCounted}) as behind
  `.execute(db)
  const [{ waiting, lost, oldest } = { waiting: '0', lost: '0', oldest: null }] = rows
  return { waiting: Number(waiting), lost: Number(lost), oldest }
}
