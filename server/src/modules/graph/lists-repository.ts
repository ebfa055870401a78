import type { Db } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

/** A person in a list; `id` is the place in it. */
export interface Place {
  id: Id
  userId: Id
}

/** Rows of `owner`'s list after a place, newest first. */
export type ReadList = (db: Db, owner: Id, before: Id | null, limit: number) => Promise<Place[]>

export const readFollowers: ReadList = (db, owner, before, limit) =>
  db
    .selectFrom('followers')
    .select(['id', 'follower_id as userId'])
    .where('bucket', '=', bucketOf(owner))
    .where('followed_id', '=', owner)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const readFollowing: ReadList = (db, owner, before, limit) =>
  db
    .selectFrom('following')
    .select(['id', 'followed_id as userId'])
    .where('bucket', '=', bucketOf(owner))
    .where('follower_id', '=', owner)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const readRequests: ReadList = (db, owner, before, limit) =>
  db
    .selectFrom('follow_requests')
    .select(['id', 'follower_id as userId'])
    .where('bucket', '=', bucketOf(owner))
    .where('followed_id', '=', owner)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const readBlocks: ReadList = (db, owner, before, limit) =>
  db
    .selectFrom('blocks')
    .select(['id', 'blocked_id as userId'])
    .where('bucket', '=', bucketOf(owner))
    .where('blocker_id', '=', owner)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const readFavourites: ReadList = (db, owner, before, limit) =>
  db
    .selectFrom('favourites')
    .select(['id', 'favourite_id as userId'])
    .where('bucket', '=', bucketOf(owner))
    .where('user_id', '=', owner)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const readRestricted: ReadList = (db, owner, before, limit) =>
  db
    .selectFrom('restricts')
    .select(['id', 'restricted_id as userId'])
    .where('bucket', '=', bucketOf(owner))
    .where('restricter_id', '=', owner)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const readCloseFriends: ReadList = (db, owner, before, limit) =>
  db
    .selectFrom('close_friends')
    .select(['id', 'friend_id as userId'])
    .where('bucket', '=', bucketOf(owner))
    .where('user_id', '=', owner)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const readMutes: ReadList = (db, owner, before, limit) =>
  db
    .selectFrom('mutes')
    .select(['id', 'muted_id as userId'])
    .where('bucket', '=', bucketOf(owner))
    .where('muter_id', '=', owner)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
