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

type Kind =
  | 'following'
  | 'favourites'
  | 'muted_posts'
  | 'muted_stories'
  | 'close_friend_of'
  | 'stories_hidden_by'
  | 'blocking'
  | 'blocked_by'

/** Who follows thousands would have as many rows to take apart; one text costs a tenth of it, on both sides. */
interface Row {
  kind: Kind
  /** With commas between them; null is nobody. */
  ids: string | null
}

/** Everything lies in the viewer's own bucket. */
const relationsOfViewer = prepared<{ bucket: number; viewer: Id; limit: number }, Row>(
  'viewer_relations',
  (db, p) => ({
    compile: () =>
      sql<Row>`
        select 'following' as kind, string_agg(followed_id::text, ',' order by id desc) as ids
        from following where bucket = ${p.bucket} and follower_id = ${p.viewer}
        union all
        select 'favourites', string_agg(favourite_id::text, ',' order by id desc)
        from favourites where bucket = ${p.bucket} and user_id = ${p.viewer}
        union all
        select 'muted_posts', string_agg(muted_id::text, ',')
        from mutes where bucket = ${p.bucket} and muter_id = ${p.viewer} and posts
        union all
        select 'muted_stories', string_agg(muted_id::text, ',')
        from mutes where bucket = ${p.bucket} and muter_id = ${p.viewer} and stories
        union all
        select 'close_friend_of', string_agg(user_id::text, ',') from (
          select user_id from close_friend_of
          where bucket = ${p.bucket} and friend_id = ${p.viewer} limit ${p.limit}
        ) as close_friends
        union all
        select 'stories_hidden_by', string_agg(user_id::text, ',') from (
          select user_id from story_hidden_by
          where bucket = ${p.bucket} and hidden_id = ${p.viewer} limit ${p.limit}
        ) as hiders
        union all
        select 'blocking', string_agg(blocked_id::text, ',') from (
          select blocked_id from blocks
          where bucket = ${p.bucket} and blocker_id = ${p.viewer} limit ${p.limit}
        ) as blocked
        union all
        select 'blocked_by', string_agg(blocker_id::text, ',') from (
          select blocker_id from blocked_by
          where bucket = ${p.bucket} and blocked_id = ${p.viewer} limit ${p.limit}
        ) as blockers
      `.compile(db),
  }),
)

export async function loadViewerRelations(db: Db, viewer: Id): Promise<ViewerRelations> {
  const rows = await relationsOfViewer(db, { bucket: bucketOf(viewer), viewer, limit: othersMax + 1 })
  const lists = new Map(rows.map(({ kind, ids }) => [kind, ids]))
  const all = (kind: Kind) => new Set<Id>(lists.get(kind)?.split(','))
  const bounded = (kind: Kind) => {
    const ids = all(kind)
    return ids.size > othersMax ? null : ids
  }
  return Object.freeze({
    following: all('following'),
    favourites: all('favourites'),
    closeFriendOf: bounded('close_friend_of'),
    storiesHiddenBy: bounded('stories_hidden_by'),
    mutedPosts: all('muted_posts'),
    mutedStories: all('muted_stories'),
    blocking: bounded('blocking'),
    blockedBy: bounded('blocked_by'),
  })
}

const sets = [
  'following',
  'favourites',
  'closeFriendOf',
  'storiesHiddenBy',
  'mutedPosts',
  'mutedStories',
  'blocking',
  'blockedBy',
] as const satisfies readonly (keyof ViewerRelations)[]

/** To whom somebody stands otherwise than before. Undefined: too many are about them to know. Pure. */
export function relationsChanged(before: ViewerRelations, now: ViewerRelations): Set<Id> | undefined {
  const changed = new Set<Id>()
  for (const name of sets) {
    const [old, fresh] = [before[name], now[name]]
    if (old === null || fresh === null) return undefined
    for (const id of old.symmetricDifference(fresh)) changed.add(id)
  }
  return changed
}

/** In ids; nobody is for nothing. */
export function weightOf(relations: ViewerRelations): number {
  return sets.reduce((sum, name) => sum + (relations[name]?.size ?? 0), emptyWeight)
}

/** Eight sets, the object and its place among others take about as much memory as this many ids. */
const emptyWeight = 25
