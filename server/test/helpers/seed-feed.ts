import { sql } from 'kysely'
import type { Db } from '#platform/db/db.ts'
import { bucketOf, bucketOfName, type Id, idAt } from '#platform/ids/ids.ts'
import { createToken } from '../../src/modules/accounts/session-tokens.ts'

/**
 * A lived-in database in seconds: people and their posts as rows, since last month. For query plans and
 * measurements; what is tested for its behaviour is made over the API.
 */
export interface SeedSize {
  people: number
  posts: number
  likes: number
  comments: number
}

export interface Seeded {
  people: Id[]
  posts: { id: Id; authorId: Id }[]
  /** The tag that every tenth post carries. */
  tag: string
}

const slot = 126
const chunk = 2000
const spanMs = 20 * 24 * 60 * 60 * 1000
const tag = 'seeded'
const tagBucket = bucketOfName(tag)

type Row = Record<string, unknown>

export async function seedFeed(db: Db, size: SeedSize): Promise<Seeded> {
  const start = Date.now() - spanMs
  const random = createRandom(7)
  const people = Array.from({ length: size.people }, (_, i) => idAt(start + i, (i * 37) % 1024, slot, 0))
  await insertPeople(db, people, start)
  const step = Math.floor((spanMs - 3_600_000) / size.posts)
  const posts = Array.from({ length: size.posts }, (_, i) => {
    // A few write much, most write little.
    const authorId = people[Math.floor(random() ** 2 * people.length)]!
    const at = start + 60_000 + i * step
    return { id: idAt(at, bucketOf(authorId), slot, 0), authorId, at, index: i }
  })
  await insertPosts(db, posts)
  await insertLikes(db, size.likes, people, posts, random)
  await insertComments(db, size.comments, people, posts, random)
  await sql`analyze`.execute(db)
  return { people, posts, tag }
}

/** People and nothing else, who have been here since last month. */
export async function seedPeople(db: Db, count: number): Promise<Id[]> {
  const start = Date.now() - spanMs
  const people = Array.from({ length: count }, (_, i) => idAt(start + i, (i * 37) % 1024, slot, 0))
  await insertPeople(db, people, start)
  return people
}

/** Both sides of each, as rows alone. */
export async function seedFollowers(db: Db, followedId: Id, followers: readonly Id[]): Promise<void> {
  const at = Date.now() - spanMs
  const created_at = new Date(at)
  const rows = followers.map((follower_id, i) => ({ follower_id, ms: at + i }))
  await insert(
    db,
    'following',
    rows.map(({ follower_id, ms }) => {
      const bucket = bucketOf(follower_id)
      return { bucket, follower_id, followed_id: followedId, id: idAt(ms, bucket, slot, 3), created_at }
    }),
  )
  await insert(
    db,
    'followers',
    rows.map(({ follower_id, ms }) => {
      const bucket = bucketOf(followedId)
      return { bucket, followed_id: followedId, follower_id, id: idAt(ms, bucket, slot, 4), created_at }
    }),
  )
}

/** One each; a token for every id. */
export async function seedSessions(db: Db, people: readonly Id[]): Promise<string[]> {
  const now = new Date()
  const made = people.map((id) => ({ id, ...createToken(id) }))
  await insert(
    db,
    'sessions',
    made.map(({ id, hash }, i) => ({
      bucket: bucketOf(id),
      user_id: id,
      id: idAt(now.getTime() - 1000 - Math.floor(i / 32), bucketOf(id), slot, i % 32),
      token_hash: hash,
      user_agent: 'seed',
      created_at: now,
      last_used_at: now,
      expires_at: new Date(now.getTime() + 30 * 24 * 60 * 60 * 1000),
    })),
  )
  return made.map(({ token }) => token)
}

/** Both sides of each follow, and the counts. */
export async function seedFollows(db: Db, followerId: Id, followed: readonly Id[]): Promise<void> {
  const at = Date.now() - spanMs
  const bucket = bucketOf(followerId)
  const rows = followed.map((followedId, i) => ({ followedId, ms: at + i, created_at: new Date(at) }))
  await insert(
    db,
    'following',
    rows.map(({ followedId, ms, created_at }) => ({
      bucket,
      follower_id: followerId,
      followed_id: followedId,
      id: idAt(ms, bucket, slot, 1),
      created_at,
    })),
  )
  await insert(
    db,
    'followers',
    rows.map(({ followedId, ms, created_at }) => ({
      bucket: bucketOf(followedId),
      followed_id: followedId,
      follower_id: followerId,
      id: idAt(ms, bucketOf(followedId), slot, 2),
      created_at,
    })),
  )
  await db
    .updateTable('user_counts')
    .set({ following_count: followed.length })
    .where('user_id', '=', followerId)
    .execute()
  await sql`analyze following, followers`.execute(db)
}

async function insertPeople(db: Db, people: readonly Id[], start: number): Promise<void> {
  await insert(
    db,
    'users',
    people.map((id, i) => ({
      bucket: bucketOf(id),
      id,
      username: `seeded_${i}`,
      email: `seeded_${i}@example.org`,
      full_name: `Seeded Person ${i}`,
      bio: '',
      avatar_status: 'none',
      is_verified: i % 50 === 0,
      is_private: i % 10 === 3,
      state: 'active',
      sight_epoch: 1,
      roles: [],
      time_zone: 'UTC',
      language: 'en',
      theme: 'system',
      data_saver: false,
      created_at: new Date(start),
    })),
  )
  await insert(
    db,
    'username_claims',
    people.map((id, i) => ({ bucket: bucketOfName(`seeded_${i}`), username: `seeded_${i}`, user_id: id })),
  )
  await insert(
    db,
    'user_counts',
    people.map((id) => ({
      bucket: bucketOf(id),
      user_id: id,
      follower_count: 0,
      following_count: 0,
      post_count: 0,
    })),
  )
}

interface SeedPost {
  id: Id
  authorId: Id
  at: number
  index: number
}

async function insertPosts(db: Db, posts: readonly SeedPost[]): Promise<void> {
  const tagged = posts.filter((post) => post.index % 10 === 0)
  const feedIdOf = ({ at, authorId }: SeedPost) => idAt(at + 1, bucketOf(authorId), slot, 0)
  await insert(
    db,
    'posts',
    posts.map((post) => ({
      bucket: bucketOf(post.id),
      id: post.id,
      author_id: post.authorId,
      caption: captionOf(post),
      entities: [hashtagIn(captionOf(post))],
      audience: 'public',
      status: 'ready',
      sensitive: false,
      feed_id: feedIdOf(post),
      created_at: new Date(post.at),
      published_at: new Date(post.at + 1),
      display_at: new Date(post.at + 1),
    })),
  )
  const mediaIdOf = ({ at, authorId }: SeedPost) => idAt(at, bucketOf(authorId), slot, 1)
  await insert(
    db,
    'media',
    posts.map((post) => mediaRow(mediaIdOf(post), post)),
  )
  const place = (post: SeedPost) => ({ bucket: bucketOf(post.id), post_id: post.id })
  await insert(
    db,
    'post_media',
    posts.map((post) => ({ ...place(post), id: mediaIdOf(post), position: 0, alt_text: 'A view' })),
  )
  await insert(
    db,
    'post_counts',
    posts.map((post) => ({ ...place(post), like_count: 0, comment_count: 0, share_count: 0 })),
  )
  await insert(
    db,
    'outboxes',
    posts.map((post) => ({ ...place(post), author_id: post.authorId, feed_id: feedIdOf(post) })),
  )
  await insert(db, 'hashtags', [{ bucket: tagBucket, tag, post_count: tagged.length }])
  await insert(
    db,
    'hashtag_posts',
    tagged.map((post) => ({
      bucket: tagBucket,
      tag,
      post_id: post.id,
      author_id: post.authorId,
      feed_id: feedIdOf(post),
    })),
  )
}

function captionOf({ index }: SeedPost): string {
  return `Nothing much happened on day ${index}, but the light was good. #${tag}`
}

function hashtagIn(caption: string): Row {
  const start = caption.indexOf('#')
  return { kind: 'hashtag', start, end: caption.length, value: tag }
}

function mediaRow(id: Id, { id: postId, authorId, at }: SeedPost): Row {
  const key = (size: string) => `photos/2026/11/01/${size}/${id}_0123456789abcdef_${size}.webp`
  return {
    bucket: bucketOf(id),
    id,
    owner_id: authorId,
    upload_id: id,
    purpose: 'media',
    media_type: 'photo',
    post_id: postId,
    processing_status: 'ready',
    attempts: 1,
    token: '0123456789abcdef',
    revision: 1,
    format: 'jpeg',
    file_size: 3_000_000,
    source_width: 4000,
    source_height: 3000,
    width: 1080,
    height: 810,
    thumbhash: Buffer.from('3OcRJYB4d3h/iIeHeEh3eIhw+j3A', 'base64'),
    master_key: key('master'),
    original_key: key('original'),
    thumbnail_key: key('thumbnail'),
    medium_key: key('medium'),
    large_key: key('large'),
    fallback_key: key('fallback'),
    created_at: new Date(at),
  }
}

async function insertLikes(
  db: Db,
  count: number,
  people: readonly Id[],
  posts: readonly SeedPost[],
  random: () => number,
): Promise<void> {
  const seen = new Set<string>()
  const likes: { user: Id; post: SeedPost; at: number; n: number }[] = []
  for (let n = 0; n < count; n++) {
    const user = people[Math.floor(random() * people.length)]!
    const post = posts[Math.floor(random() ** 2 * posts.length)]!
    const key = `${user}:${post.id}`
    if (seen.has(key)) continue
    seen.add(key)
    likes.push({ user, post, at: post.at + 1000 + n, n })
  }
  await insert(
    db,
    'likes',
    likes.map(({ user, post, at, n }) => ({
      bucket: bucketOf(post.id),
      post_id: post.id,
      user_id: user,
      id: idAt(at, bucketOf(post.id), slot, 3 + (n % 10)),
      created_at: new Date(at),
    })),
  )
  await insert(
    db,
    'likes_given',
    likes.map(({ user, post, at, n }) => ({
      bucket: bucketOf(user),
      user_id: user,
      post_id: post.id,
      id: idAt(at, bucketOf(user), slot, 13 + (n % 10)),
      created_at: new Date(at),
    })),
  )
  await sql`
    update post_counts c set like_count = l.n
    from (select bucket, post_id, count(*)::int as n from likes group by 1, 2) l
    where c.bucket = l.bucket and c.post_id = l.post_id
  `.execute(db)
}

async function insertComments(
  db: Db,
  count: number,
  people: readonly Id[],
  posts: readonly SeedPost[],
  random: () => number,
): Promise<void> {
  const comments = Array.from({ length: count }, (_, n) => {
    const post = posts[Math.floor(random() ** 2 * posts.length)]!
    return { post, at: post.at + 2000 + n, n, author: people[Math.floor(random() * people.length)]! }
  })
  await insert(
    db,
    'comments',
    comments.map(({ post, at, n, author }) => ({
      bucket: bucketOf(post.id),
      post_id: post.id,
      id: idAt(at, bucketOf(post.id), slot, 24 + (n % 8)),
      author_id: author,
      text: `Well seen, number ${n}`,
      entities: [],
      reply_count: 0,
      created_at: new Date(at),
    })),
  )
  await sql`
    update post_counts c set comment_count = l.n
    from (select bucket, post_id, count(*)::int as n from comments group by 1, 2) l
    where c.bucket = l.bucket and c.post_id = l.post_id
  `.execute(db)
}

/** Rows that fall together by chance of their time are left out. */
async function insert(db: Db, table: string, rows: readonly Row[]): Promise<void> {
  for (let at = 0; at < rows.length; at += chunk) {
    const part = rows.slice(at, at + chunk)
    const columns = Object.keys(part[0]!)
    const json = JSON.stringify(part, (_, value: unknown) => {
      const bytes = value as { type?: string; data?: number[] } | null
      return bytes?.type === 'Buffer' ? `\\x${Buffer.from(bytes.data!).toString('hex')}` : value
    })
    const names = sql.join(columns.map((column) => sql.ref(column)))
    await sql`
      insert into ${sql.table(table)} (${names})
      select ${names} from json_populate_recordset(null::${sql.table(table)}, ${json}::json)
      on conflict do nothing
    `.execute(db)
  }
}

/** The same numbers every time (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
