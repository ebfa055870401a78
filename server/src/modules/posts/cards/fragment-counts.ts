import { sql } from 'kysely'
import { prepared } from '#platform/db/prepared.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import type { PostEvent } from '../posts-tables.ts'
import { type IdList, idListOf } from '../presenting/id-range.ts'
import { type PostCounts, type PostFragment, putCounts } from './card-fragment.ts'

/** Posts that many like tell their counts at most this often. */
const refreshEveryMs = 250

export interface FragmentCounts {
  /** What is told of these posts meanwhile is read once more behind it: the load may have read before. */
  whileLoading<T>(postIds: readonly Id[], load: () => Promise<T>): Promise<T>
  /** As this process has just committed it: whoever likes sees it counted at once. */
  noteLikes(postId: Id, likes: number): void
}

/** Puts the counts of kept posts right, without making their JSON anew: one query for all that changed. */
export function keepCounts(
  { database, events, log }: Pick<PostsDeps, 'database' | 'events' | 'log'>,
  { fragmentsOf, drop }: { fragmentsOf(postId: Id): readonly PostFragment[]; drop(postId: Id): void },
): FragmentCounts {
  const put = (postId: Id, counts: Partial<PostCounts>) => {
    for (const fragment of fragmentsOf(postId)) if (!putCounts(fragment, counts)) return drop(postId)
  }
  const changed = new Set<Id>()
  const loading = new Map<Id, number>()
  let timer: NodeJS.Timeout | undefined

  const schedule = () => {
    if (timer !== undefined || changed.size === 0) return
    timer = setTimeout(() => {
      refresh()
        .catch((error) => log.warn({ err: error }, 'Counts could not be read'))
        .finally(() => {
          timer = undefined
          schedule()
        })
    }, refreshEveryMs)
    timer.unref()
  }

  async function refresh(): Promise<void> {
    const wanted = [...changed].filter((postId) => !loading.has(postId))
    for (const postId of wanted) changed.delete(postId)
    const list = idListOf(wanted.filter((postId) => fragmentsOf(postId).length > 0))
    if (list === null) return
    for (const { post_id, like_count, comment_count, share_count } of await readCounts(database.main, list))
      put(post_id, { likes: like_count, comments: comment_count, shares: share_count })
  }

  const note = ({ data: { postId } }: { data: PostEvent }) => {
    changed.add(postId)
    schedule()
  }
  for (const kind of ['likes.created', 'likes.deleted', 'shares.created'] as const) events.on(kind, note)

  return {
    noteLikes: (postId, likes) => put(postId, { likes }),
    async whileLoading(postIds, load) {
      for (const postId of postIds) loading.set(postId, (loading.get(postId) ?? 0) + 1)
      try {
        return await load()
      } finally {
        for (const postId of postIds) {
          const others = loading.get(postId)! - 1
          if (others > 0) loading.set(postId, others)
          else loading.delete(postId)
        }
      }
    },
  }
}

const readCounts = prepared('posts_counts_of', (db, { buckets, ids, lo, hi }: IdList) => ({
  compile: () =>
    sql<{ post_id: Id; like_count: number; comment_count: number; share_count: number }>`
      select c.post_id, c.like_count, c.comment_count, c.share_count
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join post_counts c on c.bucket = wanted.bucket and c.post_id = wanted.id
      where c.post_id between ${lo}::bigint and ${hi}::bigint
    `.compile(db),
}))
