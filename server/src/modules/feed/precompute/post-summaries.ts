import { sql } from 'kysely'
import type { Db } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'

/**
 * A post as it stands in the shared cache: the case study's fields, by its names, and where it is in feeds. Feeds read
 * `user_id` and `feed_id` alone; the others are there for who looks with redis-cli, as the study wants it.
 */
export interface PostSummary {
  user_id: Id
  feed_id: Id
  caption: string
  like_count: number
  /** Keys of the store: an address is signed for each reader, and not before canSee has said yes. */
  media_keys: string[]
  created_at: string
}

interface Wanted {
  buckets: number[]
  ids: Id[]
  lo: Id
  hi: Id
}

interface PostRow {
  id: Id
  author_id: Id
  feed_id: Id
  caption: string
  like_count: number
  created_at: Date
}

interface MediaRow {
  post_id: Id
  large_key: string
}

/** Of those that are in feeds. Feed is a declared read model: it may look at posts, counts and media. */
export async function loadPostSummaries(db: Db, postIds: readonly Id[]): Promise<Map<Id, PostSummary>> {
  const ids = [...new Set(postIds)].sort(compareIds)
  if (ids.length === 0) return new Map()
  const wanted = { ids, buckets: ids.map(bucketOf), lo: ids[0]!, hi: ids.at(-1)! }
  const [posts, media] = await Promise.all([postsInFeeds(db, wanted), keysOfPosts(db, wanted)])
  const mediaOf = Map.groupBy(media, (row) => row.post_id)
  return new Map(
    posts.map((row) => [
      row.id,
      {
        user_id: row.author_id,
        feed_id: row.feed_id,
        caption: row.caption,
        like_count: row.like_count,
        media_keys: (mediaOf.get(row.id) ?? []).map(({ large_key }) => large_key),
        created_at: row.created_at.toISOString(),
      },
    ]),
  )
}

const postsInFeeds = prepared<Wanted, PostRow>('feed_post_summaries', (db, { buckets, ids, lo, hi }) => ({
  compile: () =>
    sql<PostRow>`
      select p.id, p.author_id, p.feed_id, p.caption, p.created_at, c.like_count
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join posts p on p.bucket = wanted.bucket and p.id = wanted.id
      join post_counts c on c.bucket = p.bucket and c.post_id = p.id
      where p.id between ${lo}::bigint and ${hi}::bigint and c.post_id between ${lo}::bigint and ${hi}::bigint
        and p.status = 'ready' and p.deleted_at is null and p.feed_id is not null
    `.compile(db),
}))

const keysOfPosts = prepared<Wanted, MediaRow>('feed_post_media_keys', (db, { buckets, ids, lo, hi }) => ({
  compile: () =>
    sql<MediaRow>`
      select pm.post_id, m.large_key
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join post_media pm on pm.bucket = wanted.bucket and pm.post_id = wanted.id
      join media m on m.bucket = pm.bucket and m.id = pm.id
      where pm.post_id between ${lo}::bigint and ${hi}::bigint and m.large_key is not null
      order by pm.post_id, pm.position
    `.compile(db),
}))
