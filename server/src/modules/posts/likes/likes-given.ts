import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import { prepared } from '#platform/db/prepared.ts'
import type { EventOf, Following } from '#platform/events/events.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { idListOf } from '../presenting/id-range.ts'
import { type MarkRow, markedPosts } from '../presenting/posts-lists.ts'
import { likeByKey } from './likes-by-key.ts'
import type { LikesMemory } from './likes-memory.ts'

export type LikeEvent = EventOf<'likes.created' | 'likes.deleted'>

export function followLikes({ database, events }: Pick<PostsDeps, 'database' | 'events'>): Following {
  const following = events.follow('posts.likes_given', ['likes.created', 'likes.deleted'], (batch) =>
    database.transaction(async (tx) => {
      await following.lock(tx)
      await writeGiven(tx, batch)
    }),
  )
  return following
}

/**
 * `likes` in the post's bucket is the truth; the liker's side follows. Each like is looked up as it stands now, and written
 * by the event that made it, so that running twice or in another order ends the same. The caller has the lock of this
 * follower: between the look and the end nobody else writes what was seen later.
 */
export async function writeGiven(tx: Tx, batch: readonly LikeEvent[]): Promise<void> {
  const pairs = new Map(batch.map((event) => [`${event.data.postId} ${event.data.userId}`, event.data]))
  const wanted = [...pairs.values()]
  const { lo, hi } = idListOf(wanted.map(({ postId }) => postId))!
  const stands = await findLikes(tx, {
    lo,
    hi,
    buckets: wanted.map(({ postId }) => bucketOf(postId)),
    postIds: wanted.map(({ postId }) => postId),
    userIds: wanted.map(({ userId }) => userId),
  })
  const givenIds = new Map(batch.map((event) => [event.id, givenIdOf(event)]))
  const given = stands.flatMap((like) => {
    // Made by an event that is still to come.
    const id = givenIds.get(like.id)
    return id ? [{ ...like, id }] : []
  })
  for (const like of stands) pairs.delete(`${like.post_id} ${like.user_id}`)
  const gone = [...pairs.values()]
  if (given.length > 0)
    await putGiven(tx, {
      buckets: given.map((like) => bucketOf(like.user_id)),
      userIds: given.map((like) => like.user_id),
      postIds: given.map((like) => like.post_id),
      ids: given.map((like) => like.id),
      times: given.map((like) => like.created_at),
    })
  if (gone.length > 0)
    await removeGiven(tx, {
      buckets: gone.map(({ userId }) => bucketOf(userId)),
      userIds: gone.map(({ userId }) => userId),
      postIds: gone.map(({ postId }) => postId),
    })
}

function givenIdOf(event: LikeEvent): Id | undefined {
  return event.kind === 'likes.created' ? event.data.givenId : undefined
}

/** What somebody liked, the last first: the table, and laid over it what it does not know yet. */
export function likedPosts(
  database: PostsDeps['database'],
  memory: LikesMemory,
  readerId: Id,
): Skeleton<MarkRow> {
  const table = markedPosts(database, 'likes_given', readerId)
  return {
    positionOf: table.positionOf,
    async read(position, count) {
      const remembered = memory.of(readerId)
      // As many more as may be left out of them.
      const rows = await table.read(position, count + remembered.size)
      if (remembered.size === 0) return rows
      const later = [...remembered].flatMap(([post_id, { givenId }]) =>
        givenId === null || (position && compareIds(givenId, position[0]!) >= 0)
          ? []
          : [{ post_id, id: givenId }],
      )
      const all = [...rows.filter((row) => !remembered.has(row.post_id)), ...later]
      return all.sort((one, other) => compareIds(other.id, one.id)).slice(0, count)
    },
  }
}

interface Pairs {
  buckets: number[]
  postIds: Id[]
  userIds: Id[]
}

const findLikes = prepared('likes_as_they_stand', (db, p: Pairs & { lo: Id; hi: Id }) => ({
  compile: () =>
    sql<{ post_id: Id; user_id: Id; id: Id; created_at: Date }>`
      select l.post_id, l.user_id, l.id, l.created_at
      from unnest(${p.buckets}::smallint[], ${p.postIds}::bigint[], ${p.userIds}::bigint[])
        as w(bucket, post_id, user_id)
      cross join lateral (${likeByKey(p)}) l
    `.compile(db),
}))

const putGiven = prepared('likes_given_put', (db, p: Pairs & { ids: Id[]; times: Date[] }) => ({
  compile: () =>
    sql<{ id: Id }>`
      insert into likes_given (bucket, user_id, post_id, id, created_at)
      select * from unnest(${p.buckets}::smallint[], ${p.userIds}::bigint[], ${p.postIds}::bigint[],
        ${p.ids}::bigint[], ${p.times}::timestamptz[])
      on conflict (bucket, user_id, post_id) do update set id = excluded.id, created_at = excluded.created_at
    `.compile(db),
}))

const removeGiven = prepared('likes_given_remove', (db, p: Pairs) => ({
  compile: () =>
    sql<{ id: Id }>`
      delete from likes_given g
      using unnest(${p.buckets}::smallint[], ${p.userIds}::bigint[], ${p.postIds}::bigint[])
        as w(bucket, user_id, post_id)
      where g.bucket = w.bucket and g.user_id = w.user_id and g.post_id = w.post_id
    `.compile(db),
}))
