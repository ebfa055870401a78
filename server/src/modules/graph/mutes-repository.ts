import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Pair } from './pair-rows.ts'

export interface Muted {
  posts?: boolean | undefined
  stories?: boolean | undefined
}

/** Until the transaction ends, where there is one. */
export async function lockMute(
  tx: Tx,
  { from, to }: Pair,
): Promise<{ posts: boolean; stories: boolean } | undefined> {
  return await tx
    .selectFrom('mutes')
    .select(['posts', 'stories'])
    .where('bucket', '=', bucketOf(from))
    .where('muter_id', '=', from)
    .where('muted_id', '=', to)
    .forUpdate()
    .executeTakeFirst()
}

/** False when it stood already, as it is to be. */
export async function saveMute(
  tx: Tx,
  { from, to, id, now, posts, stories }: Pair & { id: Id; now: Date; posts: boolean; stories: boolean },
): Promise<boolean> {
  const saved = await tx
    .insertInto('mutes')
    .values({ bucket: bucketOf(from), muter_id: from, muted_id: to, id, posts, stories, created_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['bucket', 'muter_id', 'muted_id'])
        .doUpdateSet({ posts, stories })
        .where((is) => is.or([is('mutes.posts', '!=', posts), is('mutes.stories', '!=', stories)])),
    )
    .returning('id')
    .executeTakeFirst()
  return saved !== undefined
}
