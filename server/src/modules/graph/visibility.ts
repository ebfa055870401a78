import type { ListsVisibleTo } from '@heliograph/contract/accounts'
import type { Audience, PostStatus } from '@heliograph/contract/posts'
import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

/** How one viewer stands to one author. */
export interface AuthorFacts {
  readonly active: boolean
  readonly isPrivate: boolean
  /** Accepted; a request is not a follow. */
  readonly following: boolean
  /** On the author's list of close friends. */
  readonly closeFriendOf: boolean
  readonly listsVisibleTo: ListsVisibleTo
  readonly blocking: boolean
  readonly blockedBy: boolean
  readonly mutesPosts: boolean
  readonly mutesStories: boolean
  /** The author hides their Stories from the viewer. */
  readonly storiesHidden: boolean
}

/** What `canSee` asks. */
export interface SightOver {
  /** Null: signed out. */
  readonly viewerId: Id | null
  /** An author who is absent here does not exist. */
  readonly authors: { get(authorId: Id): AuthorFacts | undefined }
}

export interface Sight extends SightOver {
  readonly authors: ReadonlyMap<Id, AuthorFacts>
}

/**
 * `story`: one that is out, or stands in a highlight; who keeps it in an archive asks about oneself.
 * `profile`: the account as such, with its name beside a like or in a list.
 * `comment`: by whoever wrote it; ask about the post as well, for it stands under that.
 * `message`: in a conversation that the viewer is in; ask about that first.
 * `list`: whom an account follows and who follows it. `media`: of a post of `authorId`.
 */
export interface Thing {
  readonly kind: 'profile' | 'post' | 'story' | 'comment' | 'message' | 'list' | 'media'
  readonly authorId: Id
  readonly status?: PostStatus
  readonly deleted?: boolean
  /** A Story whose 24 hours are over, where nothing keeps it. */
  readonly expired?: boolean
  readonly audience?: Audience
  /** A comment that waits for a moderator. */
  readonly held?: boolean
  /** A comment that waits for the owner of the post it stands under, who is named. */
  readonly waitsFor?: Id
}

/**
 * The one place that decides who may see what. "Not there" and "not for you" are the same answer.
 * It opens a thing only for a reason that is named here: whatever is not known is not seen. What a visitor sees is seen by
 * everybody whom no block parts from it: `PeekedSight.isUnhindered` builds on that.
 */
export function canSee(sight: SightOver, thing: Thing): boolean {
  const facts = sight.authors.get(thing.authorId)
  if (!facts?.active || thing.deleted || thing.expired) return false
  if (sight.viewerId === thing.authorId) return true
  if (facts.blockedBy) return false
  // Whom one blocks can still be opened, to unblock; nothing of theirs is shown.
  if (thing.kind === 'profile') return true
  if (facts.blocking) return false
  if (thing.kind === 'message') return true
  if (thing.kind === 'comment') {
    if (thing.held === true) return false
    return thing.waitsFor === undefined || thing.waitsFor === sight.viewerId
  }
  if (thing.kind === 'story' && facts.storiesHidden) return false
  if (thing.status !== undefined && thing.status !== 'ready') return false
  // Of a private account only those whom it accepted see anything, close friends too.
  if (facts.isPrivate && !facts.following) return false
  return isAmong(facts, thing.kind === 'list' ? facts.listsVisibleTo : thing.audience)
}

/**
 * What whoever has this sight would see if they followed an author as well. What an unhindered follower sees, every unhindered
 * follower does: close friends are asked about.
 */
export function asFollowerOf({ viewerId, authors }: SightOver, authorId: Id): SightOver {
  return {
    viewerId,
    authors: {
      get(id) {
        const facts = authors.get(id)
        return facts && id === authorId ? { ...facts, following: true } : facts
      },
    },
  }
}

/** A group that is not known here is nobody. */
function isAmong(facts: AuthorFacts, group: Audience | ListsVisibleTo | undefined): boolean {
  switch (group) {
    case undefined:
    case 'public':
    case 'everyone':
      return true
    case 'followers':
      return facts.following
    case 'close_friends':
      return facts.closeFriendOf
    default:
      return false
  }
}

/** Their posts stay out of the viewer's feed; nothing else changes. */
export function mutes(sight: SightOver, authorId: Id): boolean {
  return sight.authors.get(authorId)?.mutesPosts ?? false
}

/**
 * Two set-based queries; `sights.ts` has the same from memory. Give it the primary: a replica may not yet know that sight
 * was taken away. `users` is read directly here: visibility is a declared read model.
 */
export async function loadSight(
  db: Db | Tx,
  viewer: { id: Id } | null,
  authorIds: Iterable<Id>,
): Promise<Sight> {
  const ids = [...new Set(authorIds)]
  const viewerId = viewer?.id ?? null
  if (ids.length === 0) return { viewerId, authors: new Map() }
  const relate = async () =>
    viewerId === null ? new Map<Id, Relation>() : await loadRelations(db, viewerId, ids)
  // A transaction has one connection, which takes one query at a time. Else together, so that neither fails unheard.
  const [authors, relations] = db.isTransaction
    ? [await loadAuthors(db, ids), await relate()]
    : await Promise.all([loadAuthors(db, ids), relate()])
  return {
    viewerId,
    authors: new Map(authors.map((author) => [author.id, factsOf(author, relations.get(author.id))])),
  }
}

/**
 * The same facts asked from the other end: how each of these viewers stands to one author. For what is told
 * to many at once; two queries however many they are.
 */
export async function loadAudience(
  db: Db | Tx,
  authorId: Id,
  viewerIds: readonly Id[],
): Promise<Map<Id, Sight>> {
  const [author] = viewerIds.length === 0 ? [] : await loadAuthors(db, [authorId])
  if (!author) return new Map()
  const rows = await relationsOf(db, {
    bucket: bucketOf(authorId),
    author: authorId,
    buckets: viewerIds.map(bucketOf),
    ids: viewerIds,
  })
  const relations = collectRelations(rows)
  return new Map(
    viewerIds.map((viewerId) => [
      viewerId,
      { viewerId, authors: new Map([[authorId, factsOf(author, relations.get(viewerId))]]) },
    ]),
  )
}

export interface Author {
  id: Id
  state: string
  is_private: boolean
  lists_visible_to: ListsVisibleTo
}

export interface Relation {
  following: boolean
  closeFriendOf: boolean
  blocking: boolean
  blockedBy: boolean
  mutesPosts: boolean
  mutesStories: boolean
  storiesHidden: boolean
}

export function factsOf(author: Author, relation: Relation | undefined): AuthorFacts {
  return {
    active: author.state === 'active',
    isPrivate: author.is_private,
    following: relation?.following ?? false,
    closeFriendOf: relation?.closeFriendOf ?? false,
    listsVisibleTo: author.lists_visible_to,
    blocking: relation?.blocking ?? false,
    blockedBy: relation?.blockedBy ?? false,
    mutesPosts: relation?.mutesPosts ?? false,
    mutesStories: relation?.mutesStories ?? false,
    storiesHidden: relation?.storiesHidden ?? false,
  }
}

const authorsByIds = prepared<{ buckets: number[]; ids: Id[] }, Author>('sight_authors', (db, p) => ({
  compile: () =>
    sql<Author>`
      select u.id, u.state, u.is_private, u.lists_visible_to
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join users u on u.bucket = wanted.bucket and u.id = wanted.id
    `.compile(db),
}))

export function loadAuthors(db: Db | Tx, ids: readonly Id[]): Promise<Author[]> {
  return authorsByIds(db, { buckets: ids.map(bucketOf), ids: [...ids] })
}

interface RelationRow {
  kind: 'following' | 'close_friend_of' | 'stories_hidden' | 'blocking' | 'blocked_by' | 'muting'
  id: Id
  posts: boolean
  stories: boolean
}

interface Onlookers {
  bucket: number
  author: Id
  buckets: number[]
  ids: readonly Id[]
}

/** The author's side of each relation, and the viewers' own mutes. `id` is the viewer. */
const relationsOf = prepared<Onlookers, RelationRow>('sight_audience', (db, p) => ({
  compile: () =>
    sql<RelationRow>`
      select 'following' as kind, follower_id as id, false as posts, false as stories from followers
      where bucket = ${p.bucket} and followed_id = ${p.author} and follower_id = any(${p.ids}::bigint[])
      union all
      select 'close_friend_of', friend_id, false, false from close_friends
      where bucket = ${p.bucket} and user_id = ${p.author} and friend_id = any(${p.ids}::bigint[])
      union all
      select 'stories_hidden', hidden_id, false, false from story_hidden_from
      where bucket = ${p.bucket} and user_id = ${p.author} and hidden_id = any(${p.ids}::bigint[])
      union all
      select 'blocking', blocker_id, false, false from blocked_by
      where bucket = ${p.bucket} and blocked_id = ${p.author} and blocker_id = any(${p.ids}::bigint[])
      union all
      select 'blocked_by', blocked_id, false, false from blocks
      where bucket = ${p.bucket} and blocker_id = ${p.author} and blocked_id = any(${p.ids}::bigint[])
      union all
      select 'muting', m.muter_id, m.posts, m.stories
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as viewer(bucket, id)
      join mutes m on m.bucket = viewer.bucket and m.muter_id = viewer.id and m.muted_id = ${p.author}
    `.compile(db),
}))

/** Everything lies in the viewer's own bucket. */
const relationsTo = prepared<{ bucket: number; viewer: Id; ids: Id[] }, RelationRow>(
  'sight_relations',
  (db, p) => ({
    compile: () =>
      sql<RelationRow>`
        select 'following' as kind, followed_id as id, false as posts, false as stories from following
        where bucket = ${p.bucket} and follower_id = ${p.viewer} and followed_id = any(${p.ids}::bigint[])
        union all
        select 'close_friend_of', user_id, false, false from close_friend_of
        where bucket = ${p.bucket} and friend_id = ${p.viewer} and user_id = any(${p.ids}::bigint[])
        union all
        select 'stories_hidden', user_id, false, false from story_hidden_by
        where bucket = ${p.bucket} and hidden_id = ${p.viewer} and user_id = any(${p.ids}::bigint[])
        union all
        select 'blocking', blocked_id, false, false from blocks
        where bucket = ${p.bucket} and blocker_id = ${p.viewer} and blocked_id = any(${p.ids}::bigint[])
        union all
        select 'blocked_by', blocker_id, false, false from blocked_by
        where bucket = ${p.bucket} and blocked_id = ${p.viewer} and blocker_id = any(${p.ids}::bigint[])
        union all
        select 'muting', muted_id, posts, stories from mutes
        where bucket = ${p.bucket} and muter_id = ${p.viewer} and muted_id = any(${p.ids}::bigint[])
      `.compile(db),
  }),
)

async function loadRelations(db: Db | Tx, viewer: Id, ids: Id[]): Promise<Map<Id, Relation>> {
  return collectRelations(await relationsTo(db, { bucket: bucketOf(viewer), viewer, ids }))
}

function collectRelations(rows: RelationRow[]): Map<Id, Relation> {
  const relations = new Map<Id, Relation>()
  for (const row of rows) {
    const relation = relations.get(row.id) ?? {
      following: false,
      closeFriendOf: false,
      blocking: false,
      blockedBy: false,
      mutesPosts: false,
      mutesStories: false,
      storiesHidden: false,
    }
    if (row.kind === 'following') relation.following = true
    if (row.kind === 'close_friend_of') relation.closeFriendOf = true
    if (row.kind === 'stories_hidden') relation.storiesHidden = true
    if (row.kind === 'blocking') relation.blocking = true
    if (row.kind === 'blocked_by') relation.blockedBy = true
    if (row.kind === 'muting') {
      relation.mutesPosts = row.posts
      relation.mutesStories = row.stories
    }
    relations.set(row.id, relation)
  }
  return relations
}
