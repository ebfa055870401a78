import { explicitness } from '@heliograph/contract/explicitness'
import type { Audience, PostStatus } from '@heliograph/contract/posts'
import { sql } from 'kysely'
import type { Moderation } from '#modules/media'
import type { Db } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import { mediaKinds } from '../candidate-columns.ts'
import { type Feature, featuresOf, mediaKindOf, secondsOf } from './feature-space.ts'
import type { PostAttention } from './quality.ts'

/** What can be compared about a post, as the tables have it now. */
export interface PostFacts {
  readonly id: Id
  readonly authorId: Id
  /** For `canSee`. */
  readonly status: PostStatus
  readonly deleted: boolean
  readonly audience: Audience
  readonly hashtags: readonly string[]
  readonly features: readonly Feature[]
  /** Index in `mediaKinds`. */
  readonly kind: number
  readonly seconds: number
  /** Without what its author did to it. */
  readonly attention: PostAttention
}

interface FactsRow {
  id: Id
  author_id: Id
  status: PostStatus
  deleted: boolean
  audience: Audience
  caption: string
  entities: { kind: string; value: string }[]
  place_name: string | null
  sensitive: boolean
  like_count: number
  comment_count: number
  share_count: number
  own_likes: number
  own_comments: number
  own_shares: number
  impressions: number | null
  dwell_ms: number | null
  dwells: number | null
}

interface MediaRow {
  post_id: Id
  media_type: 'photo' | 'video'
  duration_ms: number | null
  /** Of what was found in it; null where nothing was, or could be. */
  scores: Moderation['scores']
}

interface Wanted {
  buckets: number[]
  ids: Id[]
  lo: Id
  hi: Id
}

/**
 * Two queries however many they are. What authors do to their own posts is looked up by its keys and taken off: nobody makes
 * their posts better by liking and answering them. Likes in the order of theirs, or PostgreSQL reads all of a post. Ranking has
 * a declared read model: it may look at posts, what is done to them, counts and media.
 */
export async function loadPostFacts(db: Db, postIds: Iterable<Id>): Promise<Map<Id, PostFacts>> {
  const ids = [...new Set(postIds)].sort(compareIds)
  if (ids.length === 0) return new Map()
  const wanted = { ids, buckets: ids.map(bucketOf), lo: ids[0]!, hi: ids.at(-1)! }
  const [posts, media] = await Promise.all([factsOfPosts(db, wanted), mediaOfPosts(db, wanted)])
  const mediaOf = Map.groupBy(media, (row) => row.post_id)
  return new Map(posts.map((row) => [row.id, toFacts(row, mediaOf.get(row.id) ?? [])]))
}

function toFacts(row: FactsRow, media: readonly MediaRow[]): PostFacts {
  const hashtags = row.entities.filter(({ kind }) => kind === 'hashtag').map(({ value }) => value)
  const shown = media.map(({ media_type, duration_ms }) => ({
    type: media_type,
    durationSeconds: duration_ms === null ? null : duration_ms / 1000,
  }))
  const explicit = Math.max(0, ...media.map(({ scores }) => (scores ? explicitness(scores) : 0)))
  return {
    id: row.id,
    authorId: row.author_id,
    status: row.status,
    deleted: row.deleted,
    audience: row.audience,
    hashtags,
    features: featuresOf({ caption: row.caption, hashtags, placeName: row.place_name }),
    kind: mediaKinds.indexOf(mediaKindOf(shown)),
    seconds: secondsOf(shown),
    attention: {
      likes: Math.max(0, row.like_count - row.own_likes),
      comments: Math.max(0, row.comment_count - row.own_comments),
      shares: Math.max(0, row.share_count - row.own_shares),
      impressions: row.impressions ?? 0,
      dwellMs: Number(row.dwell_ms ?? 0),
      dwells: row.dwells ?? 0,
      // What a person found to be sensitive is so, whatever a machine thought.
      moderation: row.sensitive ? 1 : explicit,
    },
  }
}

const factsOfPosts = prepared<Wanted, FactsRow>('ranking_post_facts', (db, { buckets, ids, lo, hi }) => ({
  compile: () =>
    sql<FactsRow>`
      select p.id, p.author_id, p.status, p.deleted_at is not null as deleted, p.audience, p.caption, p.entities,
        p.place_name, p.sensitive, c.like_count, c.comment_count, c.share_count, own_likes.count as own_likes,
        own_comments.count as own_comments, own_shares.count as own_shares, a.impressions, a.dwell_ms, a.dwells
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join posts p on p.bucket = wanted.bucket and p.id = wanted.id
      join post_counts c on c.bucket = p.bucket and c.post_id = p.id
      left join post_attention a on a.bucket = p.bucket and a.post_id = p.id
        and a.post_id between ${lo}::bigint and ${hi}::bigint
      cross join lateral (
        select count(*)::integer from (
          select from likes l
          where c.like_count > 0 and l.bucket = p.bucket and l.post_id = p.id
            and l.post_id between ${lo}::bigint and ${hi}::bigint
            and l.user_id between p.author_id and p.author_id
          order by l.user_id limit 1
        ) own
      ) own_likes
      cross join lateral (
        select count(*)::integer from comments o
        where c.comment_count > 0 and o.bucket = p.bucket and o.post_id = p.id and o.author_id = p.author_id
          and o.post_id between ${lo}::bigint and ${hi}::bigint and o.held_at is null and o.waits_at is null
      ) own_comments
      cross join lateral (
        select count(*)::integer from shares s
        where c.share_count > 0 and s.bucket = p.bucket and s.post_id = p.id and s.user_id = p.author_id
          and s.post_id between ${lo}::bigint and ${hi}::bigint
      ) own_shares
      where p.id between ${lo}::bigint and ${hi}::bigint and c.post_id between ${lo}::bigint and ${hi}::bigint
    `.compile(db),
}))

const mediaOfPosts = prepared<Wanted, MediaRow>('ranking_post_media', (db, { buckets, ids }) => ({
  compile: () =>
    sql<MediaRow>`
      select m.post_id, m.media_type, m.duration_ms, m.moderation -> 'scores' as scores
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join media m on m.bucket = wanted.bucket and m.post_id = wanted.id
    `.compile(db),
}))
