import { sql } from 'kysely'
import type { Database, Tx } from '#platform/db/db.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'

/** One job at a time takes so many people's batches. */
const batches = 1000

interface Sum {
  id: Id
  impressions: number
  dwellMs: number
  dwells: number
}

/**
 * What people looked at reaches the posts in one transaction for many people: each of their batches counts exactly once,
 * and a post that everybody looks at is written once.
 */
export async function countAttention(database: Database): Promise<number> {
  let counted = 0
  for (;;) {
    const taken = await database.transaction(async (tx) => {
      const { rows } = await sql<{ posts: { id: Id; dwellMs: number | null }[] }>`
        delete from attention_batches
        where (bucket, id) in (select bucket, id from attention_batches order by bucket, id limit ${batches})
        returning posts
      `.execute(tx)
      const sums = sumUp(rows.flatMap(({ posts }) => posts))
      if (sums.length > 0)
        await sql`
          insert into post_attention (bucket, post_id, impressions, dwell_ms, dwells)
          select n.bucket, n.post_id, n.impressions, n.dwell_ms, n.dwells
          from unnest(
            ${sums.map(({ id }) => bucketOf(id))}::smallint[], ${sums.map(({ id }) => id)}::bigint[],
            ${sums.map(({ impressions }) => impressions)}::integer[], ${sums.map(({ dwellMs }) => dwellMs)}::bigint[],
            ${sums.map(({ dwells }) => dwells)}::integer[]
          ) as n(bucket, post_id, impressions, dwell_ms, dwells)
          join posts p on p.bucket = n.bucket and p.id = n.post_id and p.deleted_at is null
          order by n.post_id
          on conflict (bucket, post_id) do update set
            impressions = post_attention.impressions + excluded.impressions,
            dwell_ms = post_attention.dwell_ms + excluded.dwell_ms,
            dwells = post_attention.dwells + excluded.dwells
        `.execute(tx)
      return rows.length
    })
    counted += taken
    if (taken < batches) return counted
  }
}

/** Of a post that is deleted; what is still on its way to it finds no post. */
export async function forgetAttention(tx: Tx, postId: Id): Promise<void> {
  await tx
    .deleteFrom('post_attention')
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .execute()
}

function sumUp(posts: readonly { id: Id; dwellMs: number | null }[]): Sum[] {
  const sums = new Map<Id, Sum>()
  for (const { id, dwellMs } of posts) {
    const sum = sums.get(id) ?? { id, impressions: 0, dwellMs: 0, dwells: 0 }
    sum.impressions++
    if (dwellMs !== null) {
      sum.dwellMs += dwellMs
      sum.dwells++
    }
    sums.set(id, sum)
  }
  return [...sums.values()].sort((a, b) => compareIds(a.id, b.id))
}
