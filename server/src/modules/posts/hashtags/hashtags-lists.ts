import type { Audience } from '@heliograph/contract/posts'
import { foldHashtag, normalizeHashtag } from '@heliograph/contract/text'
import { sql } from 'kysely'
import { canSee, type GraphApi } from '#modules/graph'
import type { Database } from '#platform/db/db.ts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import { after } from '#platform/db/keyset.ts'
import { bucketOfName, type Id } from '#platform/ids/ids.ts'
import type { Reader } from '../posts-deps.ts'

const suggestions = 10
/** Read beyond what is shown, as some tags are used by nobody whom the reader may see. */
const candidates = 40
/** A tag is suggested when one of this many newest posts is by somebody the reader may see. */
const authorsLookedAt = 20

interface TagRow {
  post_id: Id
  feed_id: Id
}

/** Newest first. A name that is no hashtag has an empty page. */
export function taggedPosts(database: Database, reader: Reader, name: string): Skeleton<TagRow> {
  const tag = normalizeHashtag(name)
  return {
    async read(position, count) {
      if (tag === undefined) return []
      let query = database
        .readFor(reader?.id)
        .selectFrom('hashtag_posts')
        .select(['post_id', 'feed_id'])
        .where('bucket', '=', bucketOfName(tag))
        .where('tag', '=', tag)
        .orderBy('feed_id', 'desc')
        .orderBy('post_id', 'desc')
        .limit(count)
      if (position) query = query.where(after(['feed_id', 'post_id'], position))
      return query.execute()
    },
    positionOf: (row) => [row.feed_id, row.post_id],
  }
}

export interface TagSuggestion {
  tag: string
  postCount: number
}

/**
 * Most used first. A tag that only stands under posts the reader may not see is not told: its name alone
 * can give a private caption away.
 */
export async function suggestTags(
  { database, graph }: { database: Database; graph: GraphApi },
  reader: { id: Id },
  prefix: string,
): Promise<TagSuggestion[]> {
  const folded = foldHashtag(prefix.replace(/^[#＃]/u, ''))
  if (folded === '') return []
  const db = database.readFor(reader.id)
  const found = await sql<{ bucket: number; tag: string; post_count: number }>`
    select bucket, tag, post_count from hashtags
    where tag like ${`${folded.replaceAll(/[\\%_]/g, '\\$&')}%`} and post_count > 0
    order by post_count desc, tag
    limit ${candidates}
  `.execute(db)
  const tags = found.rows
  const authors = await sql<{ tag: string; author_id: Id; audience: Audience }>`
    select newest.tag, newest.author_id, newest.audience
    from unnest(${tags.map((row) => row.bucket)}::smallint[], ${tags.map((row) => row.tag)}::text[])
      as wanted(bucket, tag)
    join hashtags t on t.bucket = wanted.bucket and t.tag = wanted.tag
    cross join lateral (
      select h.tag, h.author_id, h.audience from hashtag_posts h
      where h.bucket = t.bucket and h.tag = t.tag
      order by h.feed_id desc, h.post_id desc
      limit ${authorsLookedAt}
    ) newest
  `.execute(db)
  const sight = await graph.loadSight(
    reader,
    authors.rows.map((row) => row.author_id),
  )
  const seen = new Set(
    authors.rows
      .filter(({ author_id: authorId, audience }) =>
        canSee(sight, { kind: 'post', authorId, audience, status: 'ready' }),
      )
      .map((row) => row.tag),
  )
  return tags
    .filter((row) => seen.has(row.tag))
    .slice(0, suggestions)
    .map((row) => ({ tag: row.tag, postCount: row.post_count }))
}
