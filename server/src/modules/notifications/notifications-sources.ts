import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, compareIds, type Id, idAt } from '#platform/ids/ids.ts'
import {
  type CommentRef,
  type FailedRef,
  type FollowPair,
  type LikePair,
  type MessageRequest,
  type StoryPair,
  type Wanted,
  wantedOfAccepted,
  wantedOfComment,
  wantedOfDecision,
  wantedOfFailed,
  wantedOfFollow,
  wantedOfLike,
  wantedOfMessageRequest,
  wantedOfPost,
  wantedOfReaction,
  wantedOfRequest,
  wantedOfStory,
  wantedOfStoryReply,
} from './notifications-wanted.ts'

/**
 * What stands now of what events or rows name: a declared read model, it reads the tables of those who own them. Whatever
 * is not given back does not stand.
 */
export interface Subjects {
  likes?: readonly LikePair[]
  comments?: readonly CommentRef[]
  posts?: readonly Id[]
  follows?: readonly FollowPair[]
  requests?: readonly FollowPair[]
  accepted?: readonly FollowPair[]
  decisions?: readonly Id[]
  messageRequests?: readonly MessageRequest[]
  reactions?: readonly StoryPair[]
  stories?: readonly Id[]
  /** Messages that answer a Story. */
  storyReplies?: readonly Id[]
  failed?: readonly FailedRef[]
}

export async function findStanding(db: Db | Tx, subjects: Subjects): Promise<Wanted[]> {
  const { likes = [], comments = [], posts = [], follows = [], requests = [], accepted = [] } = subjects
  const { decisions = [], messageRequests = [], reactions = [], stories = [], storyReplies = [] } = subjects
  const { failed = [] } = subjects
  // One after the other: a transaction has one connection.
  const found = [
    await likesAmong(db, likes),
    await commentsAmong(db, comments),
    await postsAmong(db, posts),
    await followsAmong(db, follows),
    await requestsAmong(db, requests),
    await acceptedAmong(db, accepted),
    await decisionsAmong(db, decisions),
    await messageRequestsAmong(db, messageRequests),
    await reactionsAmong(db, reactions),
    await storiesAmong(db, stories),
    await storyRepliesAmong(db, storyReplies),
    await failedAmong(db, failed),
  ]
  return found.flat()
}

/** Each by its key, in that order: else PostgreSQL may read all likes of a post for one that has gone. */
async function likesAmong(db: Db | Tx, pairs: readonly LikePair[]): Promise<Wanted[]> {
  if (pairs.length === 0) return []
  const posts = rangeOf(pairs.map(({ postId }) => postId))
  const found = await sql<{ post_id: Id; user_id: Id; author_id: Id; id: Id }>`
    select l.post_id, l.user_id, p.author_id, l.id
    from unnest(${posts.buckets}::smallint[], ${posts.ids}::bigint[], ${pairs.map((p) => p.userId)}::bigint[])
      as w(bucket, post_id, user_id)
    cross join lateral (
      select l.bucket, l.post_id, l.user_id, l.id from likes l
      where l.bucket = w.bucket and l.post_id = w.post_id
        and l.post_id between ${posts.lo}::bigint and ${posts.hi}::bigint
        and l.user_id between w.user_id and w.user_id
      order by l.user_id limit 1
    ) l
    join posts p on p.bucket = l.bucket and p.id = l.post_id
    where p.id between ${posts.lo}::bigint and ${posts.hi}::bigint and p.deleted_at is null
  `.execute(db)
  return found.rows.flatMap((row) =>
    wantedOfLike({ postId: row.post_id, userId: row.user_id, authorId: row.author_id, id: row.id }),
  )
}

interface Entity {
  userId?: Id
}

interface CommentRow {
  id: Id
  post_id: Id
  writer_id: Id
  author_id: Id
  parent_author_id: Id | null
  entities: Entity[]
}

async function commentsAmong(db: Db | Tx, refs: readonly CommentRef[]): Promise<Wanted[]> {
  if (refs.length === 0) return []
  const posts = rangeOf(refs.map(({ postId }) => postId))
  const found = await sql<CommentRow>`
    select c.id, c.post_id, c.author_id as writer_id, p.author_id, top.author_id as parent_author_id, c.entities
    from unnest(${posts.buckets}::smallint[], ${posts.ids}::bigint[], ${refs.map((r) => r.commentId)}::bigint[])
      as w(bucket, post_id, id)
    join comments c on c.bucket = w.bucket and c.post_id = w.post_id and c.id = w.id
    join posts p on p.bucket = c.bucket and p.id = c.post_id
    left join comments top on top.bucket = c.bucket and top.post_id = c.post_id and top.id = c.parent_id
      and top.post_id between ${posts.lo}::bigint and ${posts.hi}::bigint
    where c.post_id between ${posts.lo}::bigint and ${posts.hi}::bigint
      and p.id between ${posts.lo}::bigint and ${posts.hi}::bigint
      and p.deleted_at is null and c.held_at is null and c.waits_at is null
  `.execute(db)
  return found.rows.flatMap((row) =>
    wantedOfComment({
      id: row.id,
      postId: row.post_id,
      writerId: row.writer_id,
      authorId: row.author_id,
      parentAuthorId: row.parent_author_id,
      mentionedIds: mentionsOf(row.entities),
    }),
  )
}

async function postsAmong(db: Db | Tx, postIds: readonly Id[]): Promise<Wanted[]> {
  if (postIds.length === 0) return []
  const posts = rangeOf(postIds)
  const found = await sql<{ id: Id; author_id: Id; entities: Entity[]; feed_id: Id | null }>`
    select p.id, p.author_id, p.entities, p.feed_id
    from unnest(${posts.buckets}::smallint[], ${posts.ids}::bigint[]) as w(bucket, id)
    join posts p on p.bucket = w.bucket and p.id = w.id
    where p.id between ${posts.lo}::bigint and ${posts.hi}::bigint
      and p.deleted_at is null and p.status = 'ready'
  `.execute(db)
  return found.rows.flatMap((row) =>
    wantedOfPost({
      id: row.id,
      authorId: row.author_id,
      mentionedIds: mentionsOf(row.entities),
      feedId: row.feed_id,
    }),
  )
}

interface PairRow {
  follower_id: Id
  followed_id: Id
  id: Id
}

const pairOf = ({ follower_id, followed_id, id }: PairRow) => ({
  followerId: follower_id,
  followedId: followed_id,
  id,
})

/** In the bucket of the one who is followed. */
async function followsAmong(db: Db | Tx, pairs: readonly FollowPair[]): Promise<Wanted[]> {
  const rows = await pairsAmong(db, 'followers', 'followed', pairs)
  return rows.flatMap((row) => wantedOfFollow(pairOf(row)))
}

async function requestsAmong(db: Db | Tx, pairs: readonly FollowPair[]): Promise<Wanted[]> {
  const rows = await pairsAmong(db, 'follow_requests', 'followed', pairs)
  return rows.flatMap((row) => wantedOfRequest(pairOf(row)))
}

/** In the bucket of the one who asked. */
async function acceptedAmong(db: Db | Tx, pairs: readonly FollowPair[]): Promise<Wanted[]> {
  const rows = await pairsAmong(db, 'following', 'follower', pairs)
  return rows.flatMap((row) => wantedOfAccepted(pairOf(row)))
}

async function pairsAmong(
  db: Db | Tx,
  table: 'followers' | 'following' | 'follow_requests',
  home: 'follower' | 'followed',
  pairs: readonly FollowPair[],
): Promise<PairRow[]> {
  if (pairs.length === 0) return []
  const buckets = pairs.map((pair) => bucketOf(home === 'follower' ? pair.followerId : pair.followedId))
  const found = await sql<PairRow>`
    select t.follower_id, t.followed_id, t.id
    from unnest(${buckets}::smallint[], ${pairs.map((pair) => pair.followerId)}::bigint[],
      ${pairs.map((pair) => pair.followedId)}::bigint[]) as w(bucket, follower_id, followed_id)
    join ${sql.table(table)} t
      on t.bucket = w.bucket and t.follower_id = w.follower_id and t.followed_id = w.followed_id
  `.execute(db)
  return found.rows
}

async function decisionsAmong(db: Db | Tx, caseIds: readonly Id[]): Promise<Wanted[]> {
  if (caseIds.length === 0) return []
  const found = await sql<{
    id: Id
    subject: string
    act: string
    author_id: Id
    post_id: Id | null
    decided_at: Date
  }>`
    select c.id, c.subject, c.act, c.author_id, c.post_id, c.decided_at
    from unnest(${caseIds.map(bucketOf)}::smallint[], ${caseIds}::bigint[]) as w(bucket, id)
    join moderation_cases c on c.bucket = w.bucket and c.id = w.id
    where c.state = 'decided'
  `.execute(db)
  return found.rows.flatMap((row) =>
    wantedOfDecision({
      caseId: row.id,
      subject: row.subject,
      act: row.act,
      authorId: row.author_id,
      postId: row.post_id,
      id: idAt(row.decided_at.getTime(), bucketOf(row.id), 0, 0),
    }),
  )
}

/** In the bucket of whom they wait for. */
async function messageRequestsAmong(db: Db | Tx, asked: readonly MessageRequest[]): Promise<Wanted[]> {
  if (asked.length === 0) return []
  const found = await sql<{ user_id: Id; conversation_id: Id; sender_id: Id; id: Id }>`
    select i.user_id, i.conversation_id, w.sender_id, i.activity_id as id
    from unnest(${asked.map(({ userId }) => bucketOf(userId))}::smallint[], ${asked.map(({ userId }) => userId)}::bigint[],
      ${asked.map(({ conversationId }) => conversationId)}::bigint[], ${asked.map(({ senderId }) => senderId)}::bigint[])
      as w(bucket, user_id, conversation_id, sender_id)
    join inbox i on i.bucket = w.bucket and i.user_id = w.user_id and i.conversation_id = w.conversation_id
    where i.folder = 'requests' and not i.is_hidden
  `.execute(db)
  return found.rows.flatMap((row) =>
    wantedOfMessageRequest({
      userId: row.user_id,
      conversationId: row.conversation_id,
      senderId: row.sender_id,
      id: row.id,
    }),
  )
}

/** In the bucket of the Story, which is its author's. */
async function reactionsAmong(db: Db | Tx, pairs: readonly StoryPair[]): Promise<Wanted[]> {
  if (pairs.length === 0) return []
  const found = await sql<{ story_id: Id; viewer_id: Id; author_id: Id; reacted_at: Date }>`
    select v.story_id, v.viewer_id, s.author_id, v.reacted_at
    from unnest(${pairs.map(({ storyId }) => bucketOf(storyId))}::smallint[],
      ${pairs.map(({ storyId }) => storyId)}::bigint[], ${pairs.map(({ userId }) => userId)}::bigint[])
      as w(bucket, story_id, viewer_id)
    join story_views v on v.bucket = w.bucket and v.story_id = w.story_id and v.viewer_id = w.viewer_id
    join stories s on s.bucket = v.bucket and s.id = v.story_id
    where v.reaction is not null and s.deleted_at is null
  `.execute(db)
  return found.rows.flatMap((row) =>
    wantedOfReaction({
      storyId: row.story_id,
      userId: row.viewer_id,
      authorId: row.author_id,
      id: idAt(row.reacted_at.getTime(), bucketOf(row.story_id), 0, 0),
    }),
  )
}

async function storiesAmong(db: Db | Tx, storyIds: readonly Id[]): Promise<Wanted[]> {
  if (storyIds.length === 0) return []
  const found = await sql<{ id: Id; author_id: Id; overlays: Entity[]; published_at: Date }>`
    select s.id, s.author_id, s.overlays, s.published_at
    from unnest(${storyIds.map(bucketOf)}::smallint[], ${[...storyIds]}::bigint[]) as w(bucket, id)
    join stories s on s.bucket = w.bucket and s.id = w.id
    where s.status = 'ready' and s.deleted_at is null and s.published_at is not null
  `.execute(db)
  return found.rows.flatMap(({ id, author_id: authorId, overlays, published_at: publishedAt }) =>
    wantedOfStory({ id, authorId, mentionedIds: mentionsOf(overlays), publishedAt }),
  )
}

/** In the bucket of the conversation, which is one of two: the other one is whose Story it was. */
async function storyRepliesAmong(db: Db | Tx, messageIds: readonly Id[]): Promise<Wanted[]> {
  if (messageIds.length === 0) return []
  const found = await sql<{ id: Id; sender_id: Id; user_id: Id; story_id: Id }>`
    select m.id, m.sender_id, o.user_id, a.value ->> 'storyId' as story_id
    from unnest(${messageIds.map(bucketOf)}::smallint[], ${[...messageIds]}::bigint[]) as w(bucket, id)
    join messages m on m.bucket = w.bucket and m.id = w.id
    join conversations c on c.bucket = m.bucket and c.id = m.conversation_id and c.kind = 'direct'
    join conversation_members o on o.bucket = m.bucket and o.conversation_id = m.conversation_id
      and o.user_id <> m.sender_id
    cross join lateral jsonb_array_elements(m.attachments) a
    where m.unsent_at is null and a.value @> '{"type": "story", "isReply": true}'::jsonb
  `.execute(db)
  return found.rows.flatMap((row) =>
    wantedOfStoryReply({
      messageId: row.id,
      storyId: row.story_id,
      userId: row.user_id,
      senderId: row.sender_id,
    }),
  )
}

/** Of each as it stands; when it came to that, no row says. */
async function failedAmong(db: Db | Tx, refs: readonly FailedRef[]): Promise<Wanted[]> {
  const found = []
  for (const what of ['post', 'story'] as const) {
    const asked = refs.filter((ref) => ref.of === what)
    if (asked.length === 0) continue
    const { ids, buckets, lo, hi } = rangeOf(asked.map(({ targetId }) => targetId))
    const { rows } = await sql<{ id: Id; author_id: Id; failure_code: string | null }>`
      select t.id, t.author_id, t.failure_code
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as w(bucket, id)
      join ${sql.table(what === 'post' ? 'posts' : 'stories')} t on t.bucket = w.bucket and t.id = w.id
      where t.id between ${lo}::bigint and ${hi}::bigint and t.status = 'failed' and t.deleted_at is null
    `.execute(db)
    const standing = new Map(rows.map((row) => [row.id, row]))
    for (const ref of asked) {
      const row = standing.get(ref.targetId)
      if (row) found.push(...wantedOfFailed({ ...ref, authorId: row.author_id, code: row.failure_code }))
    }
  }
  return found
}

export function mentionsOf(entities: readonly Entity[]): Id[] {
  return [...new Set(entities.flatMap(({ userId }) => userId ?? []))]
}

/** A list without its ends would open every partition. */
export function rangeOf(ids: readonly Id[]): { ids: Id[]; buckets: number[]; lo: Id; hi: Id } {
  let [lo, hi] = [ids[0]!, ids[0]!]
  for (const id of ids) {
    if (compareIds(id, lo) < 0) lo = id
    if (compareIds(id, hi) > 0) hi = id
  }
  return { ids: [...ids], buckets: ids.map(bucketOf), lo, hi }
}
