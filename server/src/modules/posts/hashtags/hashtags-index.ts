import type { Audience } from '@heliograph/contract/posts'
import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { bucketOfName, type Id } from '#platform/ids/ids.ts'

/** Where a post stands under its hashtags. */
export interface TaggedPost {
  postId: Id
  authorId: Id
  audience: Audience
  /** Its place on the pages of its tags. */
  position: Id
}

/** Puts a post under these hashtags and takes it from those; what is so already is not counted again. */
export async function changeHashtags(
  tx: Tx,
  post: TaggedPost,
  { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] },
): Promise<void> {
  const changes = new Map<string, number>()
  for (const tag of await removeRows(tx, post.postId, remove)) changes.set(tag, -1)
  for (const tag of await addRows(tx, post, add)) changes.set(tag, (changes.get(tag) ?? 0) + 1)
  await changeCounts(tx, changes)
}

async function addRows(tx: Tx, post: TaggedPost, tags: readonly string[]): Promise<string[]> {
  if (tags.length === 0) return []
  const added = await tx
    .insertInto('hashtag_posts')
    .values(
      tags.map((tag) => ({
        bucket: bucketOfName(tag),
        tag,
        post_id: post.postId,
        author_id: post.authorId,
        feed_id: post.position,
        audience: post.audience,
      })),
    )
    .onConflict((conflict) => conflict.columns(['bucket', 'tag', 'post_id']).doNothing())
    .returning('tag')
    .execute()
  return added.map((row) => row.tag)
}

/** Under its hashtags it stays where it is; who sees it there is asked anew. */
export async function changeAudienceOfTags(
  tx: Tx,
  { postId, audience }: Pick<TaggedPost, 'postId' | 'audience'>,
  tags: readonly string[],
): Promise<void> {
  if (tags.length === 0) return
  await sql`
    update hashtag_posts h set audience = ${audience}
    from unnest(${tags.map(bucketOfName)}::smallint[], ${tags}::text[]) as wanted(bucket, tag)
    where h.bucket = wanted.bucket and h.tag = wanted.tag and h.post_id = ${postId}
  `.execute(tx)
}

async function removeRows(tx: Tx, postId: Id, tags: readonly string[]): Promise<string[]> {
  if (tags.length === 0) return []
  const removed = await sql<{ tag: string }>`
    delete from hashtag_posts h
    using unnest(${tags.map(bucketOfName)}::smallint[], ${tags}::text[]) as gone(bucket, tag)
    where h.bucket = gone.bucket and h.tag = gone.tag and h.post_id = ${postId}
    returning h.tag
  `.execute(tx)
  return removed.rows.map((row) => row.tag)
}

/**
 * Counters are locked in the order of their tags by everybody, so that nobody waits in a circle. An insert
 * locks in the order of its values; an update would choose its own.
 */
async function changeCounts(tx: Tx, changes: ReadonlyMap<string, number>): Promise<void> {
  const tags = [...changes.keys()].filter((tag) => changes.get(tag) !== 0).sort()
  if (tags.length === 0) return
  await tx
    .insertInto('hashtags')
    .values(tags.map((tag) => ({ bucket: bucketOfName(tag), tag, post_count: changes.get(tag)! })))
    .onConflict((conflict) =>
      conflict.columns(['bucket', 'tag']).doUpdateSet({
        post_count: sql<number>`hashtags.post_count + excluded.post_count`,
      }),
    )
    .execute()
}
