import { sql } from 'kysely'
import type { RecountReport } from '#modules/accounts'
import type { Tx } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps } from '../stories-deps.ts'

const batch = 100

/**
 * Proves how many have seen each Story, and reacted, against the rows. Nobody waits for it: what a process adds it adds in the
 * transaction of the rows, so both as they stand at one moment differ by what is wrong, and that is added, whatever comes
 * meanwhile. Of what is kept it was noted how many there were, and rows are on their way out.
 */
export function createViewsRecount({
  database,
}: Pick<StoriesDeps, 'database'>): () => Promise<RecountReport> {
  return async () => {
    const report = { checked: 0, repaired: 0 }
    for await (const bucket of occupiedBuckets(database.main, 'stories')) {
      let after: Id = '0'
      for (;;) {
        const from: Id = after
        const { ids, repaired } = await database.transaction((tx) => recount(tx, bucket, from))
        report.checked += ids.length
        report.repaired += repaired
        if (ids.length < batch) break
        after = ids.at(-1)!
      }
    }
    return report
  }
}

/** The lock is for who else would mend the same; views go on under it. */
async function recount(tx: Tx, bucket: number, after: Id): Promise<{ ids: Id[]; repaired: number }> {
  const { rows } = await sql<{ id: Id }>`
    select id from stories
    where bucket = ${bucket} and id > ${after} and final_reactions is null and deleted_at is null
    order by id limit ${batch} for no key update
  `.execute(tx)
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return { ids, repaired: 0 }
  const repaired = await sql`
    with wrong as materialized (
      select s.id, t.views - c.views as views, t.reactions - c.reactions as reactions
      from unnest(${ids}::bigint[]) as s(id)
      cross join lateral (
        select count(*)::integer as views, count(reaction)::integer as reactions
        from story_views where bucket = ${bucket} and story_id = s.id
      ) t
      cross join lateral (
        select coalesce(sum(views), 0)::integer as views, coalesce(sum(reactions), 0)::integer as reactions
        from story_view_counts where bucket = ${bucket} and story_id = s.id
      ) c
      where (t.views, t.reactions) is distinct from (c.views, c.reactions)
    )
    insert into story_view_counts as c (bucket, story_id, slot, views, reactions)
    select ${bucket}::smallint, id, 0, views, reactions from wrong order by id
    on conflict (bucket, story_id, slot)
    do update set views = c.views + excluded.views, reactions = c.reactions + excluded.reactions
    returning c.story_id
  `.execute(tx)
  return { ids, repaired: repaired.rows.length }
}
