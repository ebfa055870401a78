// Takes out of a kept data set what a run has put into it: the next one begins with the same rows.
import type pg from 'pg'
import { bucketOf, type Id, minIdAt } from '../server/src/platform/ids/ids.ts'

/** Rows of a set are older than its making, by more than this; those of runs are younger. */
const marginMs = 60_000

/** A set is made without any. */
const followed = [
  'notifications',
  'notification_groups',
  'signals',
  'signal_people',
  'signal_authors',
  'signal_features',
  'signal_rhythm',
  'attention_batches',
  'post_attention',
  'feed_snapshots',
  'events',
]

/** `authors` are all who post in a run. */
export async function tidy(client: pg.Client, madeAt: number, authors: readonly Id[]): Promise<void> {
  const since = minIdAt(madeAt - marginMs)
  await client.query(
    `with gone as (delete from likes where id > $1 returning bucket, post_id),
       counted as (select bucket, post_id, count(*)::int as likes from gone group by bucket, post_id)
     update post_counts c set like_count = like_count - counted.likes
     from counted where c.bucket = counted.bucket and c.post_id = counted.post_id`,
    [since],
  )
  await client.query('delete from likes_given where id > $1', [since])
  await client.query('delete from sessions where id > $1', [since])
  // What followed from likes and pages would be there already when they come again.
  await client.query(`truncate ${followed.join()}`)
  // A set has no passwords: those are of runs of "accounts", like the devices that were noted.
  for (const table of ['credentials', 'known_devices']) await client.query(`delete from ${table}`)
  for (const author of authors) {
    const own = [bucketOf(author), since]
    await client.query('delete from outboxes where bucket = $1 and feed_id > $2', own)
    for (const table of ['post_media', 'post_counts'])
      await client.query(`delete from ${table} where bucket = $1 and post_id > $2`, own)
    await client.query(
      `with gone as (delete from posts where bucket = $1 and id > $2 returning bucket, author_id),
         counted as (select bucket, author_id, count(*)::int as posts from gone group by bucket, author_id)
       update user_counts c set post_count = post_count - counted.posts
       from counted where c.bucket = counted.bucket and c.user_id = counted.author_id`,
      own,
    )
    for (const table of ['media', 'uploads'])
      await client.query(`delete from ${table} where bucket = $1 and id > $2`, own)
  }
}
