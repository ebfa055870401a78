import { type RawBuilder, sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import type { Events, Following } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { compareIds, type Id, minIdAt } from '#platform/ids/ids.ts'
import { announce, type Followed, takeIn, uniqueOf } from './notifications-follow.ts'
import { findStanding, type Subjects } from './notifications-sources.ts'
import { applyNotifications, type Member, recountGroups, takeAway } from './notifications-store.ts'
import { keptMs } from './notifications-upkeep.ts'
import { securityKinds } from './notifications-wanted.ts'

export interface ReconcileReport {
  checked: number
  /** Notifications that were missing. */
  added: number
  /** Notifications of what does not stand any more. */
  removed: number
  /** Groups whose count or newest was not that of their members. */
  recounted: number
}

interface Deps {
  database: Database
  ids: Pick<IdSource, 'next'>
  events: Events
  clock: Clock
  following: Following
}

const batch = 500

/**
 * What every row that can be told of makes is held against what is there, and the other way round; bit by bit, each bit at
 * one moment and behind the follower's lock.
 */
export function createReconcile(deps: Deps): () => Promise<ReconcileReport> {
  const { database, clock, following } = deps

  async function alone<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return await database.transaction(async (tx) => {
      await following.lock(tx)
      return await work(tx)
    })
  }

  async function addMissing(report: ReconcileReport, subjects: Subjects, since: Id): Promise<void> {
    await alone(async (tx) => {
      const standing = (await findStanding(tx, subjects)).filter(({ id }) => compareIds(id, since) >= 0)
      const applied = await applyNotifications(deps, tx, uniqueOf(standing), [])
      report.checked += standing.length
      report.added += applied.addedCount
      await announce(deps, tx, { added: new Set(), changed: applied.changed })
    })
  }

  async function removeStale(report: ReconcileReport, rows: readonly MemberOfGroup[]): Promise<void> {
    await alone(async (tx) => {
      const standing = await findStanding(tx, subjectsOf(rows))
      const names = new Set(standing.map((one) => `${one.userId} ${one.kind} ${one.actorId} ${one.targetId}`))
      const stale = rows.filter(
        (row) =>
          row.group_id === null ||
          (row.kind !== 'security' &&
            !names.has(`${row.user_id} ${row.kind} ${row.actor_id} ${row.target_id}`)),
      )
      const removed = await takeAway(tx, stale)
      report.removed += removed.length
      await announce(deps, tx, {
        added: new Set(),
        changed: new Set(removed.map(({ user_id }) => user_id)),
      })
    })
  }

  return async () => {
    const report = { checked: 0, added: 0, removed: 0, recounted: 0 }
    const since = minIdAt(clock.now() - keptMs)
    for await (const bucket of occupiedBuckets(database.main, 'notifications'))
      for await (const rows of membersOf(database, bucket)) await removeStale(report, rows)
    for (const source of sources)
      for await (const bucket of occupiedBuckets(database.main, source.table))
        for await (const rows of rowsOf(database, source, bucket, since))
          await addMissing(report, source.subjectsOf(rows), since)
    for await (const events of keptEvents(database))
      report.added += (await alone((tx) => takeIn(deps, tx, events))).addedCount
    for await (const bucket of occupiedBuckets(database.main, 'notification_groups'))
      report.recounted += await alone((tx) => recountGroups(tx, bucket))
    return report
  }
}

type SourceTable =
  | 'story_views'
  | 'stories'
  | 'likes'
  | 'comments'
  | 'posts'
  | 'followers'
  | 'follow_requests'
  | 'moderation_cases'
  | 'messages'

/** A table that notifications tell of, read in the order of its key. */
interface Source {
  table: SourceTable
  key: readonly [string] | readonly [string, string]
  /** Those alone. */
  where?: RawBuilder<boolean>
  subjectsOf(rows: readonly { a: Id; b: Id }[]): Subjects
}

const pairsOf = (rows: readonly { a: Id; b: Id }[]) =>
  rows.map(({ a, b }) => ({ followedId: a, followerId: b }))

const sources: readonly Source[] = [
  {
    table: 'likes',
    key: ['post_id', 'user_id'],
    subjectsOf: (rows) => ({ likes: rows.map(({ a, b }) => ({ postId: a, userId: b })) }),
  },
  {
    table: 'comments',
    key: ['post_id', 'id'],
    subjectsOf: (rows) => ({ comments: rows.map(({ a, b }) => ({ postId: a, commentId: b })) }),
  },
  { table: 'posts', key: ['id'], subjectsOf: (rows) => ({ posts: rows.map(({ a }) => a) }) },
  {
    table: 'followers',
    key: ['followed_id', 'follower_id'],
    subjectsOf: (rows) => ({ follows: pairsOf(rows) }),
  },
  {
    table: 'follow_requests',
    key: ['followed_id', 'follower_id'],
    subjectsOf: (rows) => ({ requests: pairsOf(rows) }),
  },
  {
    table: 'story_views',
    key: ['story_id', 'viewer_id'],
    subjectsOf: (rows) => ({ reactions: rows.map(({ a, b }) => ({ storyId: a, userId: b })) }),
  },
  { table: 'stories', key: ['id'], subjectsOf: (rows) => ({ stories: rows.map(({ a }) => a) }) },
  { table: 'moderation_cases', key: ['id'], subjectsOf: (rows) => ({ decisions: rows.map(({ a }) => a) }) },
  {
    table: 'messages',
    key: ['id'],
    // As the index has it.
    where: sql`attachments @> '[{"type": "story", "isReply": true}]'::jsonb`,
    subjectsOf: (rows) => ({ storyReplies: rows.map(({ a }) => a) }),
  },
]

async function* rowsOf(
  { main }: Database,
  { table, key: [first, second = first], where = sql<boolean>`true` }: Source,
  bucket: number,
  since: Id,
): AsyncGenerator<{ a: Id; b: Id }[]> {
  const [a, b] = [sql.ref(first), sql.ref(second)]
  for (let after = { a: '0', b: '0' }; ; ) {
    const found = await sql<{ a: Id; b: Id }>`
      select ${a} as a, ${b} as b from ${sql.table(table)}
      where bucket = ${bucket} and (${a}, ${b}) > (${after.a}::bigint, ${after.b}::bigint) and id >= ${since}::bigint
        and ${where}
      order by ${a}, ${b}
      limit ${batch}
    `.execute(main)
    if (found.rows.length > 0) yield found.rows
    const last = found.rows.at(-1)
    if (!last || found.rows.length < batch) return
    after = last
  }
}

/** That an account was in danger, when something failed, and who had asked to follow or to write, is told by events alone: those that are still kept. */
async function* keptEvents({ main }: Database): AsyncGenerator<Followed[]> {
  for (let after: Id = '0'; ; ) {
    const found = await main
      .selectFrom('events')
      .select(['bucket', 'id', 'kind', 'subject_id', 'data'])
      .where('id', '>', after)
      .where(
        sql<boolean>`(kind = any(${[...securityKinds, 'posts.failed', 'stories.failed']}::text[]) or (kind = 'messages.sent' and data -> 'requestedOf' <> '[]'::jsonb) or (kind = 'graph.followed' and (data ->> 'wasRequest')::boolean))`,
      )
      .orderBy('id')
      .limit(batch)
      .execute()
    const events = found.map(({ bucket, id, kind, subject_id, data }) => ({
      bucket,
      id,
      kind,
      subjectId: subject_id,
      data,
    }))
    if (events.length > 0) yield events as unknown as Followed[]
    const last = found.at(-1)
    if (!last || found.length < batch) return
    after = last.id
  }
}

interface MemberOfGroup extends Member {
  /** Null: nothing counts it, and it is made anew. */
  group_id: Id | null
  post_id: Id | null
}

async function* membersOf({ main }: Database, bucket: number): AsyncGenerator<MemberOfGroup[]> {
  for (let after: Omit<Member, 'id'> = { user_id: '0', kind: 'like', actor_id: '0', target_id: '0' }; ; ) {
    const found = await sql<MemberOfGroup>`
      select n.user_id, n.kind, n.actor_id, n.target_id, n.id, g.post_id, g.id as group_id
      from notifications n
      left join notification_groups g
        on g.bucket = n.bucket and g.user_id = n.user_id and g.kind = n.kind and g.target_id = n.target_id
      where n.bucket = ${bucket} and (n.user_id, n.kind, n.actor_id, n.target_id)
        > (${after.user_id}::bigint, ${after.user_id === '0' ? '' : after.kind}, ${after.actor_id}::bigint, ${after.target_id}::bigint)
      order by n.user_id, n.kind, n.actor_id, n.target_id
      limit ${batch}
    `.execute(main)
    if (found.rows.length > 0) yield found.rows
    const last = found.rows.at(-1)
    if (!last || found.rows.length < batch) return
    after = last
  }
}

function subjectsOf(rows: readonly MemberOfGroup[]): Subjects {
  const of = (...kinds: Member['kind'][]) => rows.filter(({ kind }) => kinds.includes(kind))
  const pair = ({ user_id, actor_id }: MemberOfGroup) => ({ followedId: user_id, followerId: actor_id })
  const told = of('comment', 'reply', 'mention')
  return {
    likes: of('like').map(({ target_id, actor_id }) => ({ postId: target_id, userId: actor_id })),
    comments: told.flatMap(({ post_id, target_id }) =>
      post_id === null || post_id === target_id ? [] : [{ postId: post_id, commentId: target_id }],
    ),
    posts: told.flatMap(({ post_id, target_id }) => (post_id === target_id ? [post_id] : [])),
    follows: of('follow').map(pair),
    reactions: of('story_reaction').map(({ target_id, actor_id }) => ({
      storyId: target_id,
      userId: actor_id,
    })),
    storyReplies: of('story_reply').map(({ target_id }) => target_id),
    failed: of('failed').map(({ target_id, post_id, id }) => ({
      of: post_id === null ? 'story' : 'post',
      targetId: target_id,
      id,
    })),
    stories: of('mention').flatMap(({ post_id, target_id }) => (post_id === null ? [target_id] : [])),
    messageRequests: of('message_request').map(({ user_id, target_id, actor_id }) => ({
      userId: user_id,
      conversationId: target_id,
      senderId: actor_id,
    })),
    requests: of('request').map(pair),
    accepted: of('accepted').map(({ user_id, actor_id }) => ({ followerId: user_id, followedId: actor_id })),
    decisions: [...new Set(of('decision').map(({ target_id }) => target_id))],
  }
}
