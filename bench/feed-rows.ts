// The rows of a data set, table by table, from numbers alone: nothing is kept but typed arrays.
import { bucketOf, bucketOfName, EPOCH, type Id, idAt } from '../server/src/platform/ids/ids.ts'
import type { Cell } from './copy-rows.ts'
import { type FollowGraph, type GraphSize, turnAround } from './feed-graph.ts'
import { createRandom, createSampler, powerLaw } from './random.ts'

export interface DataSize extends GraphSize {
  posts: number
  /** Of all posts, the newest: these have likes and comments. As many of a page's posts in a large set as in a small one. */
  lively: number
}

export interface TableRows {
  table: string
  columns: readonly string[]
  rows: Iterable<readonly Cell[]>
}

export const spanMs = 90 * 24 * 60 * 60 * 1000
const slot = 125
const tags = Array.from({ length: 300 }, (_, i) => `topic${i}`)
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'UTC']
const likesUpTo = 10
const commentsUpTo = 6

export function personId(person: number, start: number): Id {
  return idAt(start + person, (person * 37) % 1024, slot, 0)
}

/** Posts in the order of their bucket and time. */
interface Posts {
  count: number
  authors: Int32Array
  /** Milliseconds after the beginning. */
  at: Float64Array
  tag: Int16Array
  likes: Uint8Array
  comments: Uint8Array
}

export function drawPosts(size: DataSize, seed: number): Posts {
  const random = createRandom(seed)
  const writers = createSampler(Float64Array.from({ length: size.people }, () => Math.exp(random.normal())))
  const topics = createSampler(powerLaw(tags.length, 1))
  const drawn = Int32Array.from({ length: size.posts }, () => writers(random))
  const written = Float64Array.from(
    { length: size.posts },
    () => 3_600_000 + random.below(spanMs - 3_700_000),
  )
  const bucketAt = (i: number) => (drawn[i]! * 37) % 1024
  const order = Int32Array.from({ length: size.posts }, (_, i) => i).sort(
    (a, b) => bucketAt(a) - bucketAt(b) || written[a]! - written[b]!,
  )
  const authors = Int32Array.from(order, (i) => drawn[i]!)
  const at = Float64Array.from(order, (i) => written[i]!)
  // Two of one bucket in one millisecond would share an id.
  for (let i = 1; i < at.length; i++)
    if (bucketAt(order[i]!) === bucketAt(order[i - 1]!) && at[i]! <= at[i - 1]!) at[i] = at[i - 1]! + 1
  const isLively = (i: number) => at[i]! > spanMs * (1 - size.lively)
  const upTo = (end: number) => (_: unknown, i: number) => (isLively(i) ? random.below(end + 1) : 0)
  return {
    count: size.posts,
    authors,
    at,
    tag: Int16Array.from({ length: size.posts }, () => (random.next() < 0.5 ? topics(random) : -1)),
    likes: Uint8Array.from({ length: size.posts }, upTo(Math.min(likesUpTo, size.people))),
    comments: Uint8Array.from({ length: size.posts }, upTo(commentsUpTo)),
  }
}

export interface DataRows {
  /** Filled without their indexes: they stand in no order, or are large. */
  loose: TableRows[]
  ordered: TableRows[]
}

export function rowsOf(size: DataSize, graph: FollowGraph, start: number): DataRows {
  const people = Array.from({ length: size.people }, (_, person) => personId(person, start))
  const buckets = people.map(bucketOf)
  const posts = drawPosts(size, 11)
  const turned = turnAround(graph)
  const data = { size, start, people, buckets, posts, graph, turned }
  return {
    ordered: [...peopleRows(data), ...postRows(data), ...answerRows(data)],
    loose: [
      followRows('following', 'follower_id', 'followed_id', 1, data, graph),
      followRows('followers', 'followed_id', 'follower_id', 2, data, turned),
      ...looseRows(data),
    ],
  }
}

interface Data {
  size: DataSize
  start: number
  people: Id[]
  buckets: number[]
  posts: Posts
  graph: FollowGraph
  turned: FollowGraph
}

function peopleRows({ size, start, people, buckets, posts, graph, turned }: Data): TableRows[] {
  const written = new Int32Array(size.people)
  for (const author of posts.authors) written[author]!++
  const span = ({ starts }: FollowGraph, person: number) => starts[person + 1]! - starts[person]!
  const made = stamp(start)
  return [
    {
      table: 'users',
      columns: (
        'bucket id username email full_name bio avatar_status is_verified is_private state sight_epoch roles ' +
        'time_zone language theme data_saver created_at'
      ).split(' '),
      rows: map(people, (id, i) => [
        ...[buckets[i]!, id, `reader_${i}`, `reader_${i}@example.org`, `Reader Number ${i}`, '', 'none'],
        ...[
          i % 50 === 0,
          i % 10 === 3,
          'active',
          1,
          '{}',
          zones[i % zones.length]!,
          'en',
          'system',
          false,
          made,
        ],
      ]),
    },
    {
      table: 'username_claims',
      columns: ['bucket', 'username', 'user_id'],
      rows: map(people, (id, i) => [bucketOfName(`reader_${i}`), `reader_${i}`, id]),
    },
    {
      table: 'user_counts',
      columns: ['bucket', 'user_id', 'follower_count', 'following_count', 'post_count'],
      rows: map(people, (id, i) => [buckets[i]!, id, span(turned, i), span(graph, i), written[i]!]),
    },
  ]
}

function* followIds(
  data: Data,
  { starts, followees }: FollowGraph,
  sequence: number,
): Generator<readonly Cell[]> {
  const { start, people, buckets } = data
  const made = stamp(start + people.length)
  for (let person = 0; person < people.length; person++) {
    const [id, bucket] = [people[person]!, buckets[person]!]
    const from = starts[person]!
    // Ids of one person differ by their milliseconds, those of a bucket's people by chance of theirs: keys have both.
    for (let i = from; i < starts[person + 1]!; i++)
      yield [
        bucket,
        id,
        people[followees[i]!]!,
        idOf(start + people.length + i - from, bucket, sequence),
        made,
      ]
  }
}

function followRows(
  table: string,
  own: string,
  other: string,
  sequence: number,
  data: Data,
  graph: FollowGraph,
): TableRows {
  return {
    table,
    columns: ['bucket', own, other, 'id', 'created_at'],
    rows: { [Symbol.iterator]: () => followIds(data, graph, sequence) },
  }
}

function eachPost<T extends readonly Cell[]>(
  data: Data,
  row: (post: { i: number; id: Id; bucket: number; author: Id; at: number }) => T | null,
): Iterable<T> {
  const { posts, people, buckets, start } = data
  return {
    *[Symbol.iterator]() {
      for (let i = 0; i < posts.count; i++) {
        const author = posts.authors[i]!
        const [bucket, at] = [buckets[author]!, start + posts.at[i]!]
        const cells = row({ i, id: idOf(at, bucket, 0), bucket, author: people[author]!, at })
        if (cells !== null) yield cells
      }
    },
  }
}

/** Drawn when the post became ready, a moment after it was made. */
const feedIdOf = (at: number, bucket: number) => idOf(at + 1, bucket, 1)
const mediaIdOf = (at: number, bucket: number) => idOf(at, bucket, 2)

function postRows(data: Data): TableRows[] {
  const { posts } = data
  const tagCounts = new Int32Array(tags.length)
  for (const tag of posts.tag) if (tag >= 0) tagCounts[tag]!++
  return [
    {
      table: 'posts',
      columns:
        'bucket id author_id caption entities audience status sensitive feed_id created_at published_at display_at'.split(
          ' ',
        ),
      rows: eachPost(data, ({ i, id, bucket, author, at }) => {
        const made = stamp(at)
        const caption = `Nothing much happened on day ${i}, but the light was good.`
        const tag = posts.tag[i]!
        const [text, entities] = tag < 0 ? [caption, '[]'] : tagged(caption, tags[tag]!)
        return [
          bucket,
          id,
          author,
          text,
          entities,
          'public',
          'ready',
          false,
          feedIdOf(at, bucket),
          made,
          made,
          made,
        ]
      }),
    },
    {
      table: 'post_media',
      columns: ['bucket', 'post_id', 'id', 'position', 'alt_text'],
      rows: eachPost(data, ({ id, bucket, at }) => [bucket, id, mediaIdOf(at, bucket), 0, 'A view']),
    },
    {
      table: 'post_counts',
      columns: ['bucket', 'post_id', 'like_count', 'comment_count', 'share_count'],
      rows: eachPost(data, ({ i, id, bucket }) => [bucket, id, posts.likes[i]!, posts.comments[i]!, 0]),
    },
    {
      table: 'hashtags',
      columns: ['bucket', 'tag', 'post_count'],
      rows: map(tags, (tag, n) => [bucketOfName(tag), tag, tagCounts[n]!]),
    },
  ]
}

function tagged(caption: string, tag: string): [string, string] {
  const text = `${caption} #${tag}`
  const entity = { kind: 'hashtag', start: caption.length + 1, end: text.length, value: tag }
  return [text, JSON.stringify([entity])]
}

function looseRows(data: Data): TableRows[] {
  const { posts } = data
  return [
    {
      table: 'outboxes',
      columns: ['bucket', 'author_id', 'feed_id', 'post_id'],
      rows: eachPost(data, ({ id, bucket, author, at }) => [bucket, author, feedIdOf(at, bucket), id]),
    },
    {
      table: 'media',
      columns: mediaColumns,
      rows: eachPost(data, ({ id, bucket, author, at }) =>
        mediaRow(mediaIdOf(at, bucket), bucket, author, id, at),
      ),
    },
    {
      table: 'hashtag_posts',
      columns: ['bucket', 'tag', 'post_id', 'author_id', 'feed_id'],
      rows: eachPost(data, ({ i, id, bucket, author, at }) => {
        const tag = tags[posts.tag[i]!]
        return tag === undefined ? null : [bucketOfName(tag), tag, id, author, feedIdOf(at, bucket)]
      }),
    },
    {
      table: 'likes_given',
      columns: ['bucket', 'user_id', 'post_id', 'id', 'created_at'],
      rows: eachLike(data, ({ post, at, n, who, bucket }) => [
        bucket,
        who,
        post.id,
        idOf(at, bucket, 10 + n),
        stamp(at),
      ]),
    },
  ]
}

export const mediaColumns = (
  'bucket id owner_id upload_id purpose media_type post_id processing_status attempts token revision format file_size ' +
  'source_width source_height width height thumbhash master_key original_key thumbnail_key medium_key large_key ' +
  'fallback_key created_at'
).split(' ')

/** A medium that is ready, of a post or (null) of none yet. */
export function mediaRow(id: Id, bucket: number, owner: Id, postId: Id | null, at: number): Cell[] {
  const key = (size: string) => `photos/2026/11/01/${size}/${id}_0123456789abcdef_${size}.webp`
  return [
    ...[
      bucket,
      id,
      owner,
      id,
      'media',
      'photo',
      postId,
      'ready',
      1,
      '0123456789abcdef',
      1,
      'jpeg',
      3_000_000,
    ],
    ...[4000, 3000, 1080, 810, '\\\\xdce711258078777877888787784877887870fa3dc0'],
    ...['master', 'original', 'thumbnail', 'medium', 'large', 'fallback'].map(key),
    stamp(at),
  ]
}

/** Who liked what: the same for both sides of a like. */
function eachLike<T extends readonly Cell[]>(
  data: Data,
  row: (like: { post: { id: Id; bucket: number }; at: number; n: number; who: Id; bucket: number }) => T,
): Iterable<T> {
  const { posts, people, buckets, start, size } = data
  return {
    *[Symbol.iterator]() {
      for (let i = 0; i < posts.count; i++) {
        const home = buckets[posts.authors[i]!]!
        const made = start + posts.at[i]!
        const post = { id: idOf(made, home, 0), bucket: home }
        for (let n = 0; n < posts.likes[i]!; n++) {
          // Steps of a number without common factors: nobody twice.
          const who = (i * 31 + n * 7919) % size.people
          yield row({ post, at: made + 1000 + (i % 1000), n, who: people[who]!, bucket: buckets[who]! })
        }
      }
    },
  }
}

function answerRows(data: Data): TableRows[] {
  const { posts, people, start, size } = data
  return [
    {
      table: 'likes',
      columns: ['bucket', 'post_id', 'user_id', 'id', 'created_at'],
      rows: eachLike(data, ({ post, at, n, who }) => [
        post.bucket,
        post.id,
        who,
        idOf(at, post.bucket, n),
        stamp(at),
      ]),
    },
    {
      table: 'comments',
      columns: ['bucket', 'post_id', 'id', 'author_id', 'text', 'entities', 'reply_count', 'created_at'],
      rows: {
        *[Symbol.iterator]() {
          for (let i = 0; i < posts.count; i++) {
            const bucket = data.buckets[posts.authors[i]!]!
            const made = start + posts.at[i]!
            for (let n = 0; n < posts.comments[i]!; n++) {
              const author = people[(i * 17 + n * 5113) % size.people]!
              const at = made + 2000 + n
              const text = `Well seen, number ${n}`
              yield [
                bucket,
                idOf(made, bucket, 0),
                idOf(at, bucket, 20 + n),
                author,
                text,
                '[]',
                0,
                stamp(at),
              ]
            }
          }
        },
      },
    },
  ]
}

/** `idAt` without its checks: a large set has a hundred million ids. */
function idOf(ms: number, bucket: number, sequence: number): Id {
  return String((BigInt(ms - EPOCH) << 22n) | BigInt((bucket << 12) | (slot << 5) | sequence))
}

function stamp(ms: number): string {
  return new Date(ms).toISOString()
}

function map<T>(items: readonly T[], row: (item: T, index: number) => Cell[]): Iterable<Cell[]> {
  return {
    *[Symbol.iterator]() {
      for (const [index, item] of items.entries()) yield row(item, index)
    },
  }
}
