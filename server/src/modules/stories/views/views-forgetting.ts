import { sql } from 'kysely'
import type { Database, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

// Who saw a kept Story is forgotten in three steps: how many is noted, who goes, what was noted becomes the last word. A
// server may be killed between any two; `final_views` comes last, so until then the Story is found and gone on with.

/** From here on the counts are right without the rows: `final_reactions` says so. Again it changes nothing. */
export async function noteViews(database: Database, storyId: Id): Promise<void> {
  const bucket = bucketOf(storyId)
  await database.transaction(async (tx) => {
    if (!(await isOpen(tx, storyId))) return
    await sql`delete from story_view_counts where bucket = ${bucket} and story_id = ${storyId}`.execute(tx)
    await sql`
      with counted as (
        insert into story_view_counts (bucket, story_id, slot, views, reactions)
        select ${bucket}::smallint, ${storyId}::bigint, 0, count(*), count(reaction)
        from story_views where bucket = ${bucket} and story_id = ${storyId}
        returning reactions
      )
      update stories set final_reactions = counted.reactions from counted
      where bucket = ${bucket} and id = ${storyId}
    `.execute(tx)
  })
}

async function isOpen(tx: Tx, storyId: Id): Promise<boolean> {
  const found = await sql`
    select from stories
    where bucket = ${bucketOf(storyId)} and id = ${storyId} and final_views is null and final_reactions is null
    for no key update
  `.execute(tx)
  return found.rows.length > 0
}

/** Once nobody is named any more. */
export async function closeViews({ main }: Database, storyId: Id): Promise<void> {
  const bucket = bucketOf(storyId)
  await sql`
    with gone as (
      delete from story_view_counts where bucket = ${bucket} and story_id = ${storyId}
      returning views, reactions
    ), noted as (
      select coalesce(sum(views), 0)::integer as views, coalesce(sum(reactions), 0)::integer as reactions from gone
    )
    update stories set final_views = noted.views, final_reactions = noted.reactions from noted
    where bucket = ${bucket} and id = ${storyId} and final_views is null
  `.execute(main)
}
