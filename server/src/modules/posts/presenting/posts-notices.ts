import { sql } from 'kysely'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { canSeeComment, isForEverybody } from '../posts-policy.ts'
import type { CommentRow, PostRow } from '../posts-rows.ts'
import { mentionsOf } from '../posts-text.ts'
import { idListOf } from './id-range.ts'
import type { PostsGate } from './posts-gate.ts'
import type { HydrateDeps } from './posts-hydrate.ts'
import { findPostMedia } from './posts-reads.ts'

/** A post and what was said under it as one line tells of them. */
export interface PostNotice {
  id: Id
  authorId: Id
  thumbnailUrl: string | null
  mentionedIds: ReadonlySet<Id>
  /** It could not be prepared, so its author alone finds it. */
  isFailed: boolean
}

export interface CommentNotice {
  id: Id
  text: string
  mentionedIds: ReadonlySet<Id>
}

export interface PostNotices {
  /** What is not there or not for the reader is left out; a comment needs its post. */
  noticesOf(
    reader: { id: Id },
    wanted: { postIds: readonly Id[]; comments: readonly { postId: Id; commentId: Id }[] },
  ): Promise<{ posts: Map<Id, PostNotice>; comments: Map<Id, CommentNotice> }>
}

type Deps = Pick<HydrateDeps, 'database' | 'accounts' | 'graph' | 'media'> & { gate: PostsGate }

export function createPostNotices({ database, accounts, graph, media, gate }: Deps): PostNotices {
  /** Of the first picture; a video's poster is one. */
  async function thumbnailsOf(
    reader: { id: Id },
    posts: readonly PostRow[],
  ): Promise<Map<Id, string | null>> {
    const places = await findPostMedia(
      database.main,
      posts.map(({ id }) => id),
    )
    const firstOf = (postId: Id) => places.get(postId)?.[0]?.id
    const [rows, authors] = await Promise.all([
      media.findByIds(posts.flatMap(({ id }) => firstOf(id) ?? [])),
      accounts.findByIds(posts.map(({ author_id }) => author_id)),
    ])
    return new Map(
      posts.map((post) => {
        const [row, author] = [rows.get(firstOf(post.id) ?? ''), authors.get(post.author_id)]
        if (!row || !author) return [post.id, null]
        const owner = { id: author.id, sightEpoch: author.sightEpoch }
        const options = { isPublic: isForEverybody(post, author), owner, forOwner: author.id === reader.id }
        return [post.id, media.present(row, options).thumbnailUrl]
      }),
    )
  }

  return {
    async noticesOf(reader, { postIds, comments }) {
      const ids = [...new Set([...postIds, ...comments.map(({ postId }) => postId)])]
      const found = await gate.findVisible(reader, ids)
      const visible = new Map(found.map((post) => [post.id, post]))
      const asked = comments.filter(({ postId }) => visible.has(postId))
      const [thumbnails, rows] = await Promise.all([
        thumbnailsOf(reader, found),
        findComments(database.main, asked),
      ])
      const sight = await graph.loadSight(
        reader,
        rows.map((row) => row.author_id),
      )
      const seen = rows.filter((row) => canSeeComment(sight, row, visible.get(row.post_id)!.author_id))
      return {
        posts: new Map(
          found.map(({ id, author_id, entities, status }) => [
            id,
            {
              id,
              authorId: author_id,
              thumbnailUrl: thumbnails.get(id) ?? null,
              mentionedIds: new Set(mentionsOf(entities)),
              isFailed: status === 'failed',
            },
          ]),
        ),
        comments: new Map(
          seen.map(({ id, text, entities }) => [
            id,
            { id, text, mentionedIds: new Set(mentionsOf(entities)) },
          ]),
        ),
      }
    },
  }
}

async function findComments(
  db: HydrateDeps['database']['main'],
  wanted: readonly { postId: Id; commentId: Id }[],
): Promise<CommentRow[]> {
  const list = idListOf(wanted.map(({ postId }) => postId))
  if (!list) return []
  const postIds = wanted.map(({ postId }) => postId)
  return await commentsByIds(db, {
    buckets: postIds.map(bucketOf),
    postIds,
    ids: wanted.map(({ commentId }) => commentId),
    lo: list.lo,
    hi: list.hi,
  })
}

const commentsByIds = prepared(
  'posts_comments_by_ids',
  (db, p: { buckets: number[]; postIds: Id[]; ids: Id[]; lo: Id; hi: Id }) => ({
    compile: () =>
      sql<CommentRow>`
        select c.*
        from unnest(${p.buckets}::smallint[], ${p.postIds}::bigint[], ${p.ids}::bigint[]) as w(bucket, post_id, id)
        join comments c on c.bucket = w.bucket and c.post_id = w.post_id and c.id = w.id
        where c.post_id between ${p.lo}::bigint and ${p.hi}::bigint
      `.compile(db),
  }),
)
