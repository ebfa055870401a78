import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import { loadViewerRelations, type ViewerRelations, weightOf } from './viewer-relations.ts'
import {
  type Author,
  type AuthorFacts,
  factsOf,
  loadAuthors,
  loadSight,
  type Relation,
  type Sight,
  type SightOver,
} from './visibility.ts'

type Viewer = { id: Id } | null

/** The facts that `canSee` decides by: from memory while this process is current, else from the primary. */
export interface Sights {
  loadSight(viewer: Viewer, authorIds: Iterable<Id>): Promise<Sight>
  /** Undefined: not all of it is in memory, or memory is not to be trusted just now; then `loadSight` knows. Never waits. */
  peekSight(viewer: Viewer, authorIds: Iterable<Id>): Sight | undefined
  /** The authors' side of sights, for who keeps it beside what shows them. Undefined: not all of it is in memory. */
  peekAuthors(authorIds: Iterable<Id>): KnownAuthors | undefined
  /** Of whom something was heard since such a version of theirs. Undefined: not known any more. */
  authorsChangedSince(version: number): readonly Id[] | undefined
  /** A viewer's sight over such authors, of this moment. */
  peekSightOver(viewer: Viewer): PeekedSight | undefined
  relationsOf(viewerId: Id): Promise<ViewerRelations>
  peekRelations(viewerId: Id): ViewerRelations | undefined
}

export interface PeekedSight {
  /** Undefined: something was heard of somebody since. */
  over(authors: KnownAuthors): SightOver | undefined
  /** Whether there is one over authors as they were known by this version. */
  isKnown(version: number): boolean
  /** Between this viewer and anybody there is no block and no mute: they are shown whatever a visitor is shown. */
  readonly isUnhindered: boolean
  follows(authorId: Id): boolean
}

export interface KnownAuthors {
  readonly rows: ReadonlyMap<Id, Author>
  readonly version: number
}

/** About 60 bytes each: the relations of 5,000 people who follow 200. */
const keptIds = 1_000_000
/** About 250 bytes each. */
const keptAuthors = 100_000

interface Deps {
  database: Database
  events: Events
  coherence: Pick<Coherence, 'isCurrent' | 'createKept'>
}

export function createSights({ database, events, coherence }: Deps): Sights {
  const { main } = database
  const relations = coherence.createKept<Id, ViewerRelations>({
    name: 'relations',
    max: keptIds,
    weigh: weightOf,
    load: async (ids) =>
      new Map(await Promise.all(ids.map(async (id) => [id, await loadViewerRelations(main, id)] as const))),
  })
  const authors = coherence.createKept<Id, Author>({
    name: 'authors',
    max: keptAuthors,
    load: async (ids) => new Map((await loadAuthors(main, ids)).map((author) => [author.id, author])),
  })

  events.on('graph.followed', ({ data }) => relations.drop(data.followerId))
  events.on('graph.unfollowed', ({ data }) => relations.drop(data.followerId))
  events.on('graph.favourite_added', ({ data }) => relations.drop(data.userId))
  events.on('graph.favourite_removed', ({ data }) => relations.drop(data.userId))
  events.on('graph.muted', ({ data }) => relations.drop(data.muterId))
  events.on('graph.unmuted', ({ data }) => relations.drop(data.muterId))
  for (const kind of ['graph.close_friend_added', 'graph.close_friend_removed'] as const)
    events.on(kind, ({ data }) => relations.drop(data.friendId))
  for (const kind of ['graph.story_hidden', 'graph.story_unhidden'] as const)
    events.on(kind, ({ data }) => relations.drop(data.hiddenId))
  for (const kind of ['graph.blocked', 'graph.unblocked'] as const)
    events.on(kind, ({ data }) => {
      relations.drop(data.blockerId)
      relations.drop(data.blockedId)
    })
  events.on('accounts.privacy_changed', ({ subjectId }) => authors.drop(subjectId))
  events.on('accounts.lists_changed', ({ subjectId }) => authors.drop(subjectId))
  events.on('accounts.state_changed', ({ subjectId }) => authors.drop(subjectId))

  return {
    async loadSight(viewer, authorIds) {
      if (!coherence.isCurrent()) return loadSight(main, viewer, authorIds)
      const ids = new Set(authorIds)
      if (ids.size === 0) return { viewerId: viewer?.id ?? null, authors: new Map() }
      const [own, found] = await Promise.all([viewer && relations.get(viewer.id), authors.getMany(ids)])
      return sightOf(viewer, own, found) ?? loadSight(main, viewer, ids)
    },
    peekSight(viewer, authorIds) {
      const own = viewer && relations.peek(viewer.id)
      const found = own === undefined ? undefined : authors.peekMany(authorIds)
      return found && sightOf(viewer, own, found)
    },
    peekAuthors(authorIds) {
      const version = authors.peekVersion()
      const rows = version === undefined ? undefined : authors.peekMany(authorIds)
      return version === undefined || rows === undefined ? undefined : { rows, version }
    },
    authorsChangedSince: authors.droppedSince,
    peekSightOver(viewer) {
      const version = authors.peekVersion()
      const own = viewer && relations.peek(viewer.id)
      if (version === undefined || !isWhole(own)) return undefined
      const viewerId = viewer?.id ?? null
      return {
        isUnhindered: own === null || isUnhindered(own),
        follows: (authorId) => own?.following.has(authorId) ?? false,
        isKnown: (known) => known === version,
        over: (known) =>
          known.version === version ? { viewerId, authors: factsFrom(known.rows, own) } : undefined,
      }
    },
    relationsOf: async (viewerId) =>
      (await relations.get(viewerId)) ?? (await loadViewerRelations(main, viewerId)),
    peekRelations: relations.peek,
  }
}

/** Undefined: too many blocks or lists are about this viewer to be in memory. `own` is null for who is signed out. */
function sightOf(
  viewer: Viewer,
  own: ViewerRelations | null | undefined,
  found: ReadonlyMap<Id, Author>,
): Sight | undefined {
  if (!isWhole(own)) return undefined
  const authors = new Map<Id, AuthorFacts>()
  for (const [id, author] of found) authors.set(id, factsOf(author, own ? relationTo(own, id) : undefined))
  return { viewerId: viewer?.id ?? null, authors }
}

function isUnhindered({ blocking, blockedBy, mutedPosts, mutedStories }: ViewerRelations): boolean {
  return blocking?.size === 0 && blockedBy?.size === 0 && mutedPosts.size === 0 && mutedStories.size === 0
}

/** Made as they are asked for: of those in a feed few are. */
function factsFrom(rows: ReadonlyMap<Id, Author>, own: ViewerRelations | null): SightOver['authors'] {
  return {
    get(id) {
      const author = rows.get(id)
      return author && factsOf(author, own ? relationTo(own, id) : undefined)
    },
  }
}

/** Of whom too many blocks or lists of close friends tell, not all is in memory. */
function isWhole(own: ViewerRelations | null | undefined): own is ViewerRelations | null {
  if (own === undefined || own === null) return own === null
  const { blocking, blockedBy, closeFriendOf, storiesHiddenBy } = own
  return blocking !== null && blockedBy !== null && closeFriendOf !== null && storiesHiddenBy !== null
}

function relationTo(own: ViewerRelations, id: Id): Relation {
  return {
    following: own.following.has(id),
    closeFriendOf: own.closeFriendOf?.has(id) ?? false,
    blocking: own.blocking?.has(id) ?? true,
    blockedBy: own.blockedBy?.has(id) ?? true,
    mutesPosts: own.mutedPosts.has(id),
    mutesStories: own.mutedStories.has(id),
    storiesHidden: own.storiesHiddenBy?.has(id) ?? true,
  }
}
