import type { Relationship } from '@heliograph/contract/accounts'
import { sql } from 'kysely'
import type { Relations } from '#modules/accounts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import type { Events } from '#platform/events/events.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { findInteractions, saveSettings } from './interactions-repository.ts'
import { countRows, pairs } from './pair-rows.ts'
import { createSights, type Sights } from './sights.ts'
import { canSee } from './visibility.ts'

interface RelationsDeps {
  database: Database
  events: Events
  coherence: Pick<Coherence, 'isCurrent' | 'createKept'>
}

/** With what graph alone gives away. */
export interface GraphRelations extends Relations {
  readonly sights: Sights
}

/**
 * How people stand to each other, to be read by any module. Always from the primary: a replica that lags
 * would go on showing what was taken away.
 */
export function createRelations(deps: RelationsDeps): GraphRelations {
  const { database } = deps
  const sights = createSights(deps)
  return {
    sights,
    relationships: (viewerId, ids) => loadRelationships(database.main, viewerId, ids),
    async visibleProfiles(viewer, ids) {
      const sight = await sights.loadSight(viewer, ids)
      return new Set(ids.filter((authorId) => canSee(sight, { kind: 'profile', authorId })))
    },
    followRequestCount: (id) => countRows(database.main, pairs.requests.mirror, id),
    interactionsOf: (id) => findInteractions(database.main, id),
    saveInteractions: saveSettings,
    followeesOf: async (id) => [...(await sights.relationsOf(id)).following],
  }
}

interface RelationRow {
  kind:
    | 'following'
    | 'requested'
    | 'followed_by'
    | 'requested_by'
    | 'blocking'
    | 'muting'
    | 'favourite'
    | 'restricting'
    | 'close_friend'
    | 'story_hidden'
  id: Id
  posts: boolean
  stories: boolean
}

/** One query in the viewer's own bucket: both directions of every relation are rows there. */
const standing = prepared<{ bucket: number; viewer: Id; ids: Id[] }, RelationRow>(
  'relationships',
  (db, p) => ({
    compile: () =>
      sql<RelationRow>`
        select 'following' as kind, followed_id as id, false as posts, false as stories from following
        where bucket = ${p.bucket} and follower_id = ${p.viewer} and followed_id = any(${p.ids}::bigint[])
        union all
        select 'requested', followed_id, false, false from follow_requests_sent
        where bucket = ${p.bucket} and follower_id = ${p.viewer} and followed_id = any(${p.ids}::bigint[])
        union all
        select 'followed_by', follower_id, false, false from followers
        where bucket = ${p.bucket} and followed_id = ${p.viewer} and follower_id = any(${p.ids}::bigint[])
        union all
        select 'requested_by', follower_id, false, false from follow_requests
        where bucket = ${p.bucket} and followed_id = ${p.viewer} and follower_id = any(${p.ids}::bigint[])
        union all
        select 'blocking', blocked_id, false, false from blocks
        where bucket = ${p.bucket} and blocker_id = ${p.viewer} and blocked_id = any(${p.ids}::bigint[])
        union all
        select 'muting', muted_id, posts, stories from mutes
        where bucket = ${p.bucket} and muter_id = ${p.viewer} and muted_id = any(${p.ids}::bigint[])
        union all
        select 'restricting', restricted_id, false, false from restricts
        where bucket = ${p.bucket} and restricter_id = ${p.viewer} and restricted_id = any(${p.ids}::bigint[])
        union all
        select 'favourite', favourite_id, false, false from favourites
        where bucket = ${p.bucket} and user_id = ${p.viewer} and favourite_id = any(${p.ids}::bigint[])
        union all
        select 'close_friend', friend_id, false, false from close_friends
        where bucket = ${p.bucket} and user_id = ${p.viewer} and friend_id = any(${p.ids}::bigint[])
        union all
        select 'story_hidden', hidden_id, false, false from story_hidden_from
        where bucket = ${p.bucket} and user_id = ${p.viewer} and hidden_id = any(${p.ids}::bigint[])
      `.compile(db),
  }),
)

export async function loadRelationships(
  db: Db | Tx,
  viewerId: Id,
  ids: readonly Id[],
): Promise<Map<Id, Relationship>> {
  const wanted = [...new Set(ids)]
  const found = new Map(wanted.map((id) => [id, noRelationship(id === viewerId)]))
  if (wanted.length === 0) return found
  for (const row of await standing(db, { bucket: bucketOf(viewerId), viewer: viewerId, ids: wanted })) {
    const relationship = found.get(row.id)
    if (relationship) note(relationship, row)
  }
  return found
}

export function noRelationship(self: boolean): Relationship {
  return {
    self,
    following: 'no',
    followedBy: false,
    requestedBy: false,
    blocking: false,
    muting: [],
    favourite: false,
    restricting: false,
    closeFriend: false,
    storyHidden: false,
  }
}

function note(relationship: Relationship, row: RelationRow): void {
  if (row.kind === 'following') relationship.following = 'yes'
  if (row.kind === 'requested' && relationship.following === 'no') relationship.following = 'requested'
  if (row.kind === 'followed_by') relationship.followedBy = true
  if (row.kind === 'requested_by') relationship.requestedBy = true
  if (row.kind === 'blocking') relationship.blocking = true
  if (row.kind === 'favourite') relationship.favourite = true
  if (row.kind === 'restricting') relationship.restricting = true
  if (row.kind === 'close_friend') relationship.closeFriend = true
  if (row.kind === 'story_hidden') relationship.storyHidden = true
  if (row.kind === 'muting') relationship.muting = mutedThings(row)
}

function mutedThings({ posts, stories }: RelationRow): Relationship['muting'] {
  return [...(posts ? (['posts'] as const) : []), ...(stories ? (['stories'] as const) : [])]
}
