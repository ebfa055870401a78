import { sql } from 'kysely'
import type { Db } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

/**
 * How somebody stands to everybody else, as one thing that never changes: after any change there is a new one, so what
 * is derived from it can be kept by it (in a WeakMap).
 */
export interface ViewerRelations {
  /** The newest first, as favourites. */
  readonly following: ReadonlySet<Id>
  readonly favourites: ReadonlySet<Id>
  /** Whose close friend they are. Null, here and below: more than are kept in memory; `loadSight` asks about each. */
  readonly closeFriendOf: ReadonlySet<Id> | null
  /** Who hides their Stories from them. */
  readonly storiesHiddenBy: ReadonlySet<Id> | null
  readonly mutedPosts: ReadonlySet<Id>
  readonly mutedStories: ReadonlySet<Id>
  readonly blocking: ReadonlySet<Id> | null
  readonly blockedBy: ReadonlySet<Id> | null
}

/** Follows are bounded by their cap; hundreds of thousands may block one account, or call it a friend. */
const othersMax = 10_000

interface Row {
  kind:
    | 'following'
    | 'favourite'
    | 'close_friend_of'
    | 'stories_hidden'
    | 'muting'
    | 'blocking'
    | 'blocked_by'
  id: Id
  posts: boolean
  stories: boolean
}

/** Everything lies in the viewer's own bucket. */
const relationsOfViewer = prepared<{ bucket: number; viewer: Id; limit: number }, Row>(
  'viewer_relations',
  (db, p) => ({
    compile: () =>
      sql<Row>`
        select kind, id, posts, stories from (
          select 'following' as kind, followed_id as id, id as place, false as posts, false as stories
          from following where bucket = ${p.bucket} and follower_id = ${p.viewer}
          union all
          select 'favourite', favourite_id, id, false, false
          from favourites where bucket = ${p.bucket} and user_id = ${p.viewer}
          union all
          select 'muting', muted_id, id, posts, stories
          from mutes where bucket = ${p.bucket} and muter_id = ${p.viewer}
          union all
          (select 'close_friend_of', user_id, 0, false, false
          from close_friend_of where bucket = ${p.bucket} and friend_id = ${p.viewer} limit ${p.limit})
          union all
          (select 'stories_hidden', user_id, 0, false, false
          from story_hidden_by where bucket = ${p.bucket} and hidden_id = ${p.viewer} limit ${p.limit})
          union all
          (select 'blocking', blocked_id, 0, false, false
          from blocks where bucket = ${p.bucket} and blocker_id = ${p.viewer} limit ${p.limit})
          union all
          (select 'blocked_by', blocker_id, 0, false, false
          from blocked_by where bucket = ${p.bucket} and blocked_id = ${p.viewer} limit ${p.limit})
        ) as all_of_them
        order by place desc
      `.compile(db),
  }),
)

export async function loadViewerRelations(db: Db, viewer: Id): Promise<ViewerRelations> {
  const rows = await relationsOfViewer(db, { bucket: bucketOf(viewer), viewer, limit: othersMax + 1 })
  const pick = (wanted: (row: Row) => boolean) => new Set(rows.filter(wanted).map((row) => row.id))
  const bounded = (ids: Set<Id>) => (ids.size > othersMax ? null : ids)
  return Object.freeze({
    following: pick(({ kind }) => kind === 'following'),
    favourites: pick(({ kind }) => kind === 'favourite'),
    closeFriendOf: bounded(pick(({ kind }) => kind === 'close_friend_of')),
    storiesHiddenBy: bounded(pick(({ kind }) => kind === 'stories_hidden')),
    mutedPosts: pick(({ kind, posts }) => kind === 'muting' && posts),
    mutedStories: pick(({ kind, stories }) => kind === 'muting' && stories),
    blocking: bounded(pick(({ kind }) => kind === 'blocking')),
    blockedBy: bounded(pick(({ kind }) => kind === 'blocked_by')),
  })
}

/** In ids; nobody is for nothing. */
export function weightOf(relations: ViewerRelations): number {
  const { following, favourites, closeFriendOf, storiesHiddenBy, mutedPosts, mutedStories } = relations
  const { blocking, blockedBy } = relations
  const sets = [
    following,
    favourites,
    closeFriendOf,
    storiesHiddenBy,
    mutedPosts,
    mutedStories,
    blocking,
    blockedBy,
  ]
  return sets.reduce((sum, set) => sum + (set?.size ?? 0), emptyWeight)
}

/** Eight sets, the object and its place among others take about as much memory as this many ids. */
const emptyWeight = 25
