import { sql } from 'kysely'
import type { Sight } from '#modules/graph'
import type { Tx } from '#platform/db/db.ts'
import type { Outcome } from '#platform/db/group-commit.ts'
import { prepared } from '#platform/db/prepared.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id, timeOf } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { canSeePost, tellsLikes } from '../posts-policy.ts'
import type { PostRow } from '../posts-rows.ts'
import { idListOf } from '../presenting/id-range.ts'
import { likeByKey } from './likes-by-key.ts'

/** Somebody's wish to like a post or to take the like back. */
export interface LikeWrite {
  kind: 'like' | 'unlike'
  userId: Id
  postId: Id
  /** Of the like, and of its event. */
  id: Id
  /** Of the like as its giver has it. */
  givenId: Id
  at: Date
}

export interface LikeResult {
  likeCount: number
  /** False: it stood so already. */
  changed: boolean
}

type Deps = Pick<PostsDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'graph'> & {
  /** Told how many like a post, once that is committed. */
  noteLikes(postId: Id, likes: number): void
}

/** A later one is drawn anew: readers of events look back only so far. */
const idAgeMaxMs = 5000

/**
 * Commits likes and unlikes of one bucket, at most one of a person and post. The counters are locked first and in the order
 * of their ids, so that processes at the same posts wait for each other and never deadlock; with them locked the likes of
 * these posts stand still.
 */
export function createLikesCommit(deps: Deps) {
  const { database, ids, events, clock } = deps

  /** For each post as it is now: what every one of these people may know of it. */
  async function judge(writes: readonly LikeWrite[]) {
    const { ids: postIds, lo, hi } = idListOf(writes.map(({ postId }) => postId))!
    const found = await findLikeable(database.main, { bucket: bucketOf(lo), lo, hi, postIds })
    const posts = new Map(found.map((post) => [post.id, post]))
    const there = writes.flatMap(({ userId, postId }) => {
      const post = posts.get(postId)
      return post ? [{ userId, authorId: post.author_id }] : []
    })
    const [sights, authors] = await Promise.all([
      sightsOf(deps, there),
      deps.accounts.findByIds(there.map(({ authorId }) => authorId)),
    ])
    return writes.map((write): Verdict => {
      const post = posts.get(write.postId)
      if (!post || post.deleted_at !== null) return { post: undefined, isSeen: false, isTold: false }
      const sight = sights.get(`${post.author_id} ${write.userId}`)
      const isSeen = sight !== undefined && canSeePost(sight, post)
      const author = authors.get(post.author_id)
      return {
        post,
        isSeen,
        isTold: isSeen && author !== undefined && tellsLikes(author, { id: write.userId }),
      }
    })
  }

  return async (writes: readonly LikeWrite[]): Promise<Outcome<LikeResult>[]> => {
    const verdicts = await judge(writes)
    const able = writes.filter((write, index) => mayWrite(write, verdicts[index]!))
    const done =
      able.length === 0
        ? new Map<LikeWrite, LikeResult>()
        : await database.transaction(
            async (tx) => {
              for (const write of able) {
                if (clock.now() - timeOf(write.id) > idAgeMaxMs) write.id = ids.next(bucketOf(write.postId))
              }
              const { results, changed } = await writeLikes(tx, able)
              const authors = new Map(
                verdicts.flatMap(({ post }) => (post ? [[post.id, post.author_id]] : [])),
              )
              await events.emitAll(
                tx,
                changed.map((write) => eventOf(write, authors.get(write.postId)!)),
              )
              return results
            },
            { by: able.map(({ userId }) => userId) },
          )
    // In their order: the last of a post has the whole count.
    for (const [{ postId }, { likeCount }] of done) deps.noteLikes(postId, likeCount)
    return writes.map((write, index) => outcomeOf(write, verdicts[index]!, done.get(write)))
  }
}

interface Verdict {
  /** Undefined: there is none, or none any more. */
  post: LikeablePost | undefined
  isSeen: boolean
  /** How many like it. */
  isTold: boolean
}

/** One's own like can be taken back from what one may no longer see. */
function mayWrite({ kind }: LikeWrite, { post, isSeen }: Verdict): boolean {
  if (post === undefined) return false
  return kind === 'unlike' || (isSeen && post.status === 'ready')
}

/** How many likes there are stays hidden with the post, and where its owner wants it. */
function outcomeOf(
  { kind }: LikeWrite,
  { post, isSeen, isTold }: Verdict,
  result: LikeResult | undefined,
): Outcome<LikeResult> {
  const told = result && (isTold ? result : { ...result, likeCount: 0 })
  if (kind === 'unlike' && told?.changed) return { value: told }
  if (post === undefined || !isSeen) return { error: fault('post.not_found') }
  if (post.status !== 'ready') return { error: fault('post.not_ready') }
  return told === undefined ? { error: fault('post.not_found') } : { value: told }
}

function eventOf({ kind, id, userId, postId, givenId }: LikeWrite, authorId: Id) {
  const about = { postId, authorId, userId }
  const event = { id, bucket: bucketOf(postId), subjectId: postId }
  return kind === 'like'
    ? { ...event, kind: 'likes.created' as const, data: { ...about, givenId } }
    : { ...event, kind: 'likes.deleted' as const, data: about }
}

/** By `<author> <viewer>`. Many who look at one author are asked about together. */
async function sightsOf(
  { graph }: Pick<Deps, 'graph'>,
  wanted: readonly { userId: Id; authorId: Id }[],
): Promise<Map<string, Sight>> {
  const sights = new Map<string, Sight>()
  await Promise.all(
    [...Map.groupBy(wanted, ({ authorId }) => authorId)].map(async ([authorId, all]) => {
      const viewers = [...new Set(all.map(({ userId }) => userId))]
      const [viewer] = viewers
      const found =
        viewers.length === 1
          ? new Map([[viewer!, await graph.loadSight({ id: viewer! }, [authorId])]])
          : await graph.loadAudience(authorId, viewers)
      for (const [userId, sight] of found) sights.set(`${authorId} ${userId}`, sight)
    }),
  )
  return sights
}

/** In a transaction. What is absent in `results` was about a post that has just gone. */
async function writeLikes(
  tx: Tx,
  writes: readonly LikeWrite[],
): Promise<{ results: Map<LikeWrite, LikeResult>; changed: LikeWrite[] }> {
  const { ids: postIds, lo, hi } = idListOf(writes.map(({ postId }) => postId))!
  const range = { bucket: bucketOf(lo), lo, hi }
  const locked = await lockCounts(tx, { ...range, postIds })
  const counts = new Map(locked.map((row) => [row.post_id, row]))
  const there = writes.filter(({ postId }) => counts.has(postId))
  const likes = there.filter(({ kind }) => kind === 'like')
  const unlikes = there.filter(({ kind }) => kind === 'unlike')
  const inserted = likes.length === 0 ? [] : await insertLikes(tx, { ...range, ...columnsOf(likes) })
  const deleted = unlikes.length === 0 ? [] : await deleteLikes(tx, { ...range, ...columnsOf(unlikes) })
  const ready = new Set(inserted.filter((row) => row.user_id === null).map((row) => row.post_id))
  const changes = new Set([...inserted, ...deleted].map((row) => keyOf(row.post_id, row.user_id)))
  const able = there.filter(({ kind, postId }) => kind === 'unlike' || ready.has(postId))

  const results = new Map<LikeWrite, LikeResult>()
  const nets = new Map<Id, number>()
  for (const write of able) {
    const changed = changes.has(keyOf(write.postId, write.userId))
    const by = write.kind === 'like' ? 1 : -1
    const net = (nets.get(write.postId) ?? 0) + (changed ? by : 0)
    nets.set(write.postId, net)
    results.set(write, { changed, likeCount: counts.get(write.postId)!.like_count + net })
  }
  return { results, changed: able.filter((write) => results.get(write)!.changed) }
}

const keyOf = (postId: Id, userId: Id | null) => `${postId} ${userId}`

function columnsOf(writes: readonly LikeWrite[]) {
  return {
    postIds: writes.map(({ postId }) => postId),
    userIds: writes.map(({ userId }) => userId),
    ids: writes.map(({ id }) => id),
    times: writes.map(({ at }) => at),
  }
}

interface Range {
  bucket: number
  lo: Id
  hi: Id
}

interface Pair {
  post_id: Id
  user_id: Id | null
}

const lockCounts = prepared('likes_lock', (db, { bucket, lo, hi, postIds }: Range & { postIds: Id[] }) => ({
  compile: () =>
    sql<{ post_id: Id; like_count: number }>`
      select post_id, like_count from post_counts
      where bucket = ${bucket} and post_id = any(${postIds}::bigint[])
        and post_id between ${lo}::bigint and ${hi}::bigint
      order by post_id for update
    `.compile(db),
}))

type LikeablePost = Pick<PostRow, 'id' | 'author_id' | 'status' | 'audience' | 'deleted_at'>

/** From one table alone: with counts beside them PostgreSQL plans for half a millisecond, which every group waits for. */
const findLikeable = prepared(
  'likes_posts',
  (db, { bucket, lo, hi, postIds }: Range & { postIds: Id[] }) => ({
    compile: () =>
      sql<LikeablePost>`
      select id, author_id, status, audience, deleted_at from posts
      where bucket = ${bucket} and id = any(${postIds}::bigint[]) and id between ${lo}::bigint and ${hi}::bigint
    `.compile(db),
  }),
)

type NewLikes = Range & ReturnType<typeof columnsOf>

/** Looks at the posts once more, behind the lock, and counts. Rows without a person are the posts that may still be liked. */
const insertLikes = prepared('likes_insert', (db, p: NewLikes) => ({
  compile: () =>
    sql<Pair>`
      with wanted as materialized (
        select * from unnest(
          ${p.postIds}::bigint[], ${p.userIds}::bigint[], ${p.ids}::bigint[], ${p.times}::timestamptz[]
        ) as w(post_id, user_id, id, created_at)
      ), ready as materialized (
        select id from posts
        where bucket = ${p.bucket} and id = any(${p.postIds}::bigint[])
          and id between ${p.lo}::bigint and ${p.hi}::bigint and status = 'ready' and deleted_at is null
      ), inserted as (
        insert into likes (bucket, post_id, user_id, id, created_at)
        select ${p.bucket}::smallint, w.post_id, w.user_id, w.id, w.created_at
        from wanted w join ready on ready.id = w.post_id
        on conflict (bucket, post_id, user_id) do nothing
        returning post_id, user_id
      ), counted as (
        update post_counts c set like_count = c.like_count + n.likes
        from (select post_id, count(*)::integer as likes from inserted group by post_id) n
        where c.bucket = ${p.bucket} and c.post_id = n.post_id
          and c.post_id between ${p.lo}::bigint and ${p.hi}::bigint
      )
      select id as post_id, null as user_id from ready union all select post_id, user_id from inserted
    `.compile(db),
}))

const deleteLikes = prepared('likes_delete', (db, p: Range & { postIds: Id[]; userIds: Id[] }) => ({
  compile: () =>
    sql<Pair>`
      with found as materialized (
        select l.post_id, l.user_id, l.id
        from (
          select ${p.bucket}::smallint as bucket, post_id, user_id
          from unnest(${p.postIds}::bigint[], ${p.userIds}::bigint[]) as u(post_id, user_id)
        ) w
        cross join lateral (${likeByKey(p)}) l
      ), gone as (
        delete from likes l using found f
        where l.bucket = ${p.bucket} and l.post_id = f.post_id and l.user_id = f.user_id and l.id = f.id
          and l.post_id between ${p.lo}::bigint and ${p.hi}::bigint
        returning l.post_id, l.user_id
      ), counted as (
        update post_counts c set like_count = c.like_count - n.likes
        from (select post_id, count(*)::integer as likes from gone group by post_id) n
        where c.bucket = ${p.bucket} and c.post_id = n.post_id
          and c.post_id between ${p.lo}::bigint and ${p.hi}::bigint
      )
      select post_id, user_id from gone
    `.compile(db),
}))
