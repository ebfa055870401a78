import type { WhoMay } from '@heliograph/contract/interactions'
import type { Id } from '#platform/ids/ids.ts'

/** Who somebody follows, in the follower's bucket. */
export interface FollowingTable {
  bucket: number
  follower_id: Id
  followed_id: Id
  id: Id
  created_at: Date
}

/** The same follow seen from the followed, in their bucket; `id` is drawn there. */
export interface FollowersTable {
  bucket: number
  followed_id: Id
  follower_id: Id
  id: Id
  created_at: Date
}

export interface FollowRequestsTable {
  bucket: number
  followed_id: Id
  follower_id: Id
  id: Id
  created_at: Date
}

export interface FollowRequestsSentTable {
  bucket: number
  follower_id: Id
  followed_id: Id
  created_at: Date
}

export interface BlocksTable {
  bucket: number
  blocker_id: Id
  blocked_id: Id
  id: Id
  created_at: Date
}

export interface BlockedByTable {
  bucket: number
  blocked_id: Id
  blocker_id: Id
  created_at: Date
}

export interface MutesTable {
  bucket: number
  muter_id: Id
  muted_id: Id
  id: Id
  posts: boolean
  stories: boolean
  created_at: Date
}

/** Whose comments wait, in the bucket of whom they wait for; the other side learns nothing, so there is no other row. */
export interface RestrictsTable {
  bucket: number
  restricter_id: Id
  restricted_id: Id
  id: Id
  created_at: Date
}

/** Whom somebody does not want to have suggested, in their bucket. */
export interface SuggestionsRefusedTable {
  bucket: number
  user_id: Id
  refused_id: Id
  created_at: Date
}

/** In the bucket of whom it is about; no row: everybody may everything. */
export interface InteractionSettingsTable {
  bucket: number
  user_id: Id
  comments: WhoMay
  mentions: WhoMay
  messages: WhoMay
  hidden_words: string[]
  hides_foul_words: boolean
}

/** Of those whom somebody follows, in the follower's bucket; ends with the follow. */
export interface FavouritesTable {
  bucket: number
  user_id: Id
  favourite_id: Id
  id: Id
  created_at: Date
}

/** In the bucket of whoever keeps the list. */
export interface CloseFriendsTable {
  bucket: number
  user_id: Id
  friend_id: Id
  id: Id
  created_at: Date
}

/** The same seen from the friend, in theirs. */
export interface CloseFriendOfTable {
  bucket: number
  friend_id: Id
  user_id: Id
  created_at: Date
}

/** From whom somebody hides their Stories, in their bucket. */
export interface StoryHiddenFromTable {
  bucket: number
  user_id: Id
  hidden_id: Id
  id: Id
  created_at: Date
}

/** The same seen from those, in theirs. */
export interface StoryHiddenByTable {
  bucket: number
  hidden_id: Id
  user_id: Id
  created_at: Date
}

export interface GraphTables {
  following: FollowingTable
  followers: FollowersTable
  follow_requests: FollowRequestsTable
  follow_requests_sent: FollowRequestsSentTable
  blocks: BlocksTable
  blocked_by: BlockedByTable
  mutes: MutesTable
  favourites: FavouritesTable
  restricts: RestrictsTable
  suggestions_refused: SuggestionsRefusedTable
  interaction_settings: InteractionSettingsTable
  close_friends: CloseFriendsTable
  close_friend_of: CloseFriendOfTable
  story_hidden_from: StoryHiddenFromTable
  story_hidden_by: StoryHiddenByTable
}

interface FollowEvent {
  followerId: Id
  followedId: Id
}

/** A follower who goes learns nothing less for an answer of 1 s ago; whoever is sent away must see nothing more. */
export const graphTakesSight = {
  'graph.blocked': () => true,
  'graph.unfollowed': ({ by }: GraphEvents['graph.unfollowed']) => by !== 'follower',
  'graph.close_friend_removed': () => true,
  'graph.story_hidden': () => true,
}

/** The subject is the one who is followed, asked, blocked, muted, restricted, a favourite or a close friend. */
export interface GraphEvents {
  'graph.followed': FollowEvent & { wasRequest: boolean }
  /** A follow ended: by the follower, by removal, or by a block. */
  'graph.unfollowed': FollowEvent & { by: 'follower' | 'followed' | 'block' }
  'graph.requested': FollowEvent
  /** A request ended without becoming a follow. */
  'graph.request_ended': FollowEvent & { by: 'follower' | 'followed' | 'block' }
  'graph.blocked': { blockerId: Id; blockedId: Id }
  'graph.unblocked': { blockerId: Id; blockedId: Id }
  'graph.muted': { muterId: Id; mutedId: Id }
  'graph.unmuted': { muterId: Id; mutedId: Id }
  'graph.restricted': { restricterId: Id; restrictedId: Id }
  /** The account wants to have all its requests accepted; those before this place in the list are left. */
  'graph.accept_all_asked': { before: Id }
  'graph.unrestricted': { restricterId: Id; restrictedId: Id }
  /** One that ends with the follow has no event of its own. */
  'graph.favourite_added': { userId: Id; favouriteId: Id }
  'graph.favourite_removed': { userId: Id; favouriteId: Id }
  'graph.close_friend_added': { userId: Id; friendId: Id }
  'graph.close_friend_removed': { userId: Id; friendId: Id }
  /** The subject is the one from whom `userId` hides their Stories. */
  'graph.story_hidden': { userId: Id; hiddenId: Id }
  'graph.story_unhidden': { userId: Id; hiddenId: Id }
}
