import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, compareIds, type Id, timeOf } from '#platform/ids/ids.ts'
import type { Act } from './signals-acts.ts'

/** What stands now of what was done: a declared read model, it reads the tables of those who own them. */
export interface Standing {
  /** When it was done; undefined: it was taken back. What nobody can take back stands since its event. */
  sinceOf(act: Act): number | undefined
  /** When everything was done that is the same and stands. */
  timesOf(act: Act): number[]
  follows(followerId: Id, followedId: Id): boolean
}

interface PostPair {
  postId: Id
  userId: Id
}

interface PersonPair {
  from: Id
  to: Id
}

/** Nobody comments on one post so often that older ones matter. */
const commentsMax = 1000

/** `receivers`: of whom it is asked as well whether they follow the actor. In the transaction that writes down what follows. */
export async function findStanding(
  tx: Tx,
  acts: readonly Act[],
  receivers: readonly PersonPair[],
): Promise<Standing> {
  const pairsOf = (interaction: Act['interaction'], undone?: boolean): PostPair[] =>
    acts.flatMap((act) =>
      act.interaction === interaction && act.postId !== null && (undone ?? act.undone) === act.undone
        ? [{ postId: act.postId, userId: act.actorId }]
        : [],
    )
  const followed = acts.flatMap(({ interaction, actorId, personId }) =>
    interaction === 'follow' && personId !== null ? [{ from: actorId, to: personId }] : [],
  )
  // One after the other: a transaction has one connection.
  const likes = await likesAmong(tx, pairsOf('like'))
  const saves = await savesAmong(tx, pairsOf('save'))
  const written = await commentsAmong(tx, acts)
  const comments = await commentsOf(tx, pairsOf('comment', true))
  const follows = await followsAmong(tx, [...followed, ...receivers])

  const idsOf = ({ interaction, postId, actorId, personId }: Act): readonly Id[] => {
    const key = `${postId} ${actorId}`
    const one = (id: Id | undefined) => (id === undefined ? [] : [id])
    if (interaction === 'like') return one(likes.get(key))
    if (interaction === 'save') return one(saves.get(key))
    if (interaction === 'follow') return one(follows.get(`${actorId} ${personId}`))
    return interaction === 'comment' ? (comments.get(key) ?? []) : []
  }
  return {
    sinceOf(act) {
      if (act.interaction === 'comment')
        return act.commentId !== undefined && written.has(act.commentId) ? timeOf(act.commentId) : undefined
      if (act.interaction !== 'like' && act.interaction !== 'save' && act.interaction !== 'follow')
        return act.at
      const [id] = idsOf(act)
      return id === undefined ? undefined : timeOf(id)
    },
    timesOf: (act) => idsOf(act).map(timeOf),
    follows: (followerId, followedId) => follows.has(`${followerId} ${followedId}`),
  }
}

/** Those of the pairs of which one blocks the other, as `<user> <person>`. Both sides lie in the user’s bucket. */
export async function findBlocked(
  tx: Tx,
  pairs: readonly { userId: Id; personId: Id }[],
): Promise<Set<string>> {
  if (pairs.length === 0) return new Set()
  const rows = await blockedAmong(tx, {
    buckets: pairs.map(({ userId }) => bucketOf(userId)),
    userIds: pairs.map(({ userId }) => userId),
    personIds: pairs.map(({ personId }) => personId),
  })
  return new Set(rows.map(({ user_id, person_id }) => `${user_id} ${person_id}`))
}

async function likesAmong(tx: Tx, pairs: readonly PostPair[]): Promise<Map<string, Id>> {
  if (pairs.length === 0) return new Map()
  return byPair(await likesByKey(tx, { ...postsOf(pairs), userIds: pairs.map(({ userId }) => userId) }))
}

async function savesAmong(tx: Tx, pairs: readonly PostPair[]): Promise<Map<string, Id>> {
  if (pairs.length === 0) return new Map()
  const userIds = pairs.map(({ userId }) => userId)
  const rows = await savesByKey(tx, {
    buckets: userIds.map(bucketOf),
    userIds,
    postIds: pairs.map(({ postId }) => postId),
  })
  return byPair(rows)
}

/** Those that were written and are there. One that waits for a moderator is as if it were not; they may let it out yet. */
async function commentsAmong(tx: Tx, acts: readonly Act[]): Promise<Set<Id>> {
  const wanted = acts.flatMap(({ interaction, commentId, postId, undone }) =>
    interaction === 'comment' && !undone && commentId !== undefined && postId !== null
      ? [{ postId, commentId }]
      : [],
  )
  if (wanted.length === 0) return new Set()
  const rows = await commentsByKey(tx, {
    ...postsOf(wanted),
    commentIds: wanted.map(({ commentId }) => commentId),
  })
  return new Set(rows.map(({ id }) => id))
}

async function commentsOf(tx: Tx, pairs: readonly PostPair[]): Promise<Map<string, Id[]>> {
  if (pairs.length === 0) return new Map()
  const rows = await commentsByWriter(tx, {
    ...postsOf(pairs),
    userIds: pairs.map(({ userId }) => userId),
  })
  const found = Map.groupBy(rows, ({ post_id, user_id }) => `${post_id} ${user_id}`)
  return new Map([...found].map(([key, each]) => [key, each.map(({ id }) => id)]))
}

async function followsAmong(tx: Tx, pairs: readonly PersonPair[]): Promise<Map<string, Id>> {
  if (pairs.length === 0) return new Map()
  const rows = await followsByKey(tx, {
    buckets: pairs.map(({ from }) => bucketOf(from)),
    fromIds: pairs.map(({ from }) => from),
    toIds: pairs.map(({ to }) => to),
  })
  return new Map(rows.map(({ follower_id, followed_id, id }) => [`${follower_id} ${followed_id}`, id]))
}

interface PairRow {
  post_id: Id
  user_id: Id
  id: Id
}

function byPair(rows: readonly PairRow[]): Map<string, Id> {
  return new Map(rows.map(({ post_id, user_id, id }) => [`${post_id} ${user_id}`, id]))
}

interface PostList {
  buckets: number[]
  postIds: Id[]
  /** Smallest and largest: a list without them would open every partition. */
  lo: Id
  hi: Id
}

function postsOf(pairs: readonly { postId: Id }[]): PostList {
  const postIds = pairs.map(({ postId }) => postId)
  const sorted = postIds.toSorted(compareIds)
  return { postIds, buckets: postIds.map(bucketOf), lo: sorted[0]!, hi: sorted.at(-1)! }
}

/** Each by its key, in that order: else PostgreSQL may read all likes of a post for one that has gone. */
const likesByKey = prepared(
  'signals_likes_standing',
  (db, { buckets, postIds, userIds, lo, hi }: PostList & { userIds: Id[] }) => ({
    compile: () =>
      sql<PairRow>`
        select l.post_id, l.user_id, l.id
        from unnest(${buckets}::smallint[], ${postIds}::bigint[], ${userIds}::bigint[]) as w(bucket, post_id, user_id)
        cross join lateral (
          select l.post_id, l.user_id, l.id from likes l
          where l.bucket = w.bucket and l.post_id = w.post_id and l.post_id between ${lo}::bigint and ${hi}::bigint
            and l.user_id between w.user_id and w.user_id
          order by l.user_id limit 1
        ) l
      `.compile(db),
  }),
)

const savesByKey = prepared(
  'signals_saves_standing',
  (db, { buckets, userIds, postIds }: { buckets: number[]; userIds: Id[]; postIds: Id[] }) => ({
    compile: () =>
      sql<PairRow>`
        select s.post_id, s.user_id, s.id
        from unnest(${buckets}::smallint[], ${userIds}::bigint[], ${postIds}::bigint[]) as w(bucket, user_id, post_id)
        join saves s on s.bucket = w.bucket and s.user_id = w.user_id and s.post_id = w.post_id
      `.compile(db),
  }),
)

const commentsByKey = prepared(
  'signals_comments_standing',
  (db, { buckets, postIds, commentIds, lo, hi }: PostList & { commentIds: Id[] }) => ({
    compile: () =>
      sql<{ id: Id }>`
        select c.id
        from unnest(${buckets}::smallint[], ${postIds}::bigint[], ${commentIds}::bigint[]) as w(bucket, post_id, id)
        join comments c on c.bucket = w.bucket and c.post_id = w.post_id and c.id = w.id
        where c.post_id between ${lo}::bigint and ${hi}::bigint and c.held_at is null
      `.compile(db),
  }),
)

const commentsByWriter = prepared(
  'signals_comments_left',
  (db, { buckets, postIds, userIds, lo, hi }: PostList & { userIds: Id[] }) => ({
    compile: () =>
      sql<PairRow>`
        select c.post_id, w.user_id, c.id
        from unnest(${buckets}::smallint[], ${postIds}::bigint[], ${userIds}::bigint[]) as w(bucket, post_id, user_id)
        cross join lateral (
          select c.post_id, c.id from comments c
          where c.bucket = w.bucket and c.post_id = w.post_id and c.author_id = w.user_id
            and c.post_id between ${lo}::bigint and ${hi}::bigint and c.held_at is null
          order by c.id desc limit ${sql.lit(commentsMax)}
        ) c
      `.compile(db),
  }),
)

const followsByKey = prepared(
  'signals_follows_standing',
  (db, { buckets, fromIds, toIds }: { buckets: number[]; fromIds: Id[]; toIds: Id[] }) => ({
    compile: () =>
      sql<{ follower_id: Id; followed_id: Id; id: Id }>`
        select f.follower_id, f.followed_id, f.id
        from unnest(${buckets}::smallint[], ${fromIds}::bigint[], ${toIds}::bigint[])
          as w(bucket, follower_id, followed_id)
        join following f on f.bucket = w.bucket and f.follower_id = w.follower_id and f.followed_id = w.followed_id
      `.compile(db),
  }),
)

const blockedAmong = prepared(
  'signals_blocks_standing',
  (db, { buckets, userIds, personIds }: { buckets: number[]; userIds: Id[]; personIds: Id[] }) => ({
    compile: () => {
      const wanted = sql`unnest(${buckets}::smallint[], ${userIds}::bigint[], ${personIds}::bigint[])
        as w(bucket, user_id, person_id)`
      return sql<{ user_id: Id; person_id: Id }>`
        select w.user_id, w.person_id from ${wanted}
        join blocks b on b.bucket = w.bucket and b.blocker_id = w.user_id and b.blocked_id = w.person_id
        union all
        select w.user_id, w.person_id from ${wanted}
        join blocked_by b on b.bucket = w.bucket and b.blocked_id = w.user_id and b.blocker_id = w.person_id
      `.compile(db)
    },
  }),
)
