import type { Audience, PostStatus } from '@heliograph/contract/posts'
import type { ColumnType, JSONColumnType } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

/** A link inside a text as it is kept: a mention is an account's id, so that it follows a change of name. */
export interface StoredEntity {
  kind: 'hashtag' | 'mention'
  start: number
  end: number
  /** Normalized hashtag, or the username at the time of writing. */
  value: string
  userId?: Id
}

/** Written as a JSON text, so that an array is not taken for a PostgreSQL array. */
type Entities = JSONColumnType<StoredEntity[], string, string>

/** Counted by the database, read as number. */
type Counter = ColumnType<number, number, number>

export interface PostsTable {
  bucket: number
  id: Id
  author_id: Id
  caption: string
  entities: Entities
  place_name: string | null
  place_lat: number | null
  place_lng: number | null
  audience: Audience
  status: PostStatus
  failure_code: string | null
  sensitive: boolean
  /** Who sees it may read what the cameras of its media wrote. */
  show_metadata: ColumnType<boolean, boolean | undefined, boolean>
  comments_off: ColumnType<boolean, boolean | undefined, boolean>
  /** Drawn when the post becomes ready; null: never in feeds. */
  feed_id: Id | null
  created_at: Date
  published_at: Date | null
  display_at: Date
  edited_at: Date | null
  deleted_at: Date | null
  removal_note: string | null
}

export interface PostMediaTable {
  bucket: number
  post_id: Id
  id: Id
  position: number
  alt_text: string
}

export interface PostCountsTable {
  bucket: number
  post_id: Id
  like_count: Counter
  comment_count: Counter
  share_count: Counter
}

export interface LikesTable {
  bucket: number
  post_id: Id
  user_id: Id
  id: Id
  created_at: Date
}

export interface CommentsTable {
  bucket: number
  post_id: Id
  id: Id
  author_id: Id
  parent_id: Id | null
  text: string
  entities: Entities
  reply_count: Counter
  created_at: Date
  /** It waits for a moderator: until then its author alone sees it. */
  held_at: Date | null
  /** It waits for the post's owner: until then they and its author alone see it. */
  waits_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}

export interface SharesTable {
  bucket: number
  post_id: Id
  user_id: Id
  created_at: Date
}

export interface PostRevisionsTable {
  bucket: number
  post_id: Id
  id: Id
  caption: string
  replaced_at: Date
}

/** `likes` seen from the liker, in the liker's bucket; follows by event. */
export interface LikesGivenTable {
  bucket: number
  user_id: Id
  post_id: Id
  id: Id
  created_at: Date
}

export interface SavesTable {
  bucket: number
  user_id: Id
  post_id: Id
  id: Id
  created_at: Date
}

export interface HashtagsTable {
  bucket: number
  tag: string
  post_count: Counter
}

export interface HashtagPostsTable {
  bucket: number
  tag: string
  post_id: Id
  author_id: Id
  /** Place in the page of the tag: the post's feed id, or for a back-dated post one made from its date. */
  feed_id: Id
  audience: ColumnType<Audience, Audience | undefined, Audience>
}

export interface PostsTables {
  posts: PostsTable
  post_media: PostMediaTable
  post_counts: PostCountsTable
  likes: LikesTable
  comments: CommentsTable
  shares: SharesTable
  post_revisions: PostRevisionsTable
  likes_given: LikesGivenTable
  saves: SavesTable
  hashtags: HashtagsTable
  hashtag_posts: HashtagPostsTable
}

/** What every event about a post says; the post is the event's subject. */
export interface PostEvent {
  postId: Id
  authorId: Id
}

/** What is edited counts as taken away: the words before must not be read any more. */
export const postsTakesSight = {
  'posts.in_review': () => true,
  'posts.removed': () => true,
  'posts.updated': () => true,
  'posts.deleted': () => true,
  'comments.held': () => true,
  'comments.deleted': () => true,
}

export interface PostsEvents {
  /** Made, still processing. */
  'posts.created': PostEvent
  /** Ready: may be seen. `feedId` is null when it never enters feeds. */
  'posts.published': PostEvent & { audience: Audience; feedId: Id | null; mentionedIds: Id[] }
  /** Its media could not be prepared; the author alone sees it. */
  'posts.failed': PostEvent & { code: string }
  /** A failed one is processing once more. */
  'posts.retried': PostEvent
  /** It waits for a moderator; `wasReady`: others saw it until now. */
  'posts.in_review': PostEvent & { audience: Audience; wasReady: boolean }
  /** Taken away by a moderator. */
  'posts.removed': PostEvent & { audience: Audience; wasReady: boolean }
  /** `narrowed`: some who saw it do not see it any more. */
  'posts.updated': PostEvent & { narrowed?: { from: Audience; to: Audience } }
  'posts.deleted': PostEvent & { audience: Audience }
  /** `givenId`: the like's place among those of its giver. */
  'likes.created': PostEvent & { userId: Id; givenId: Id }
  'likes.deleted': PostEvent & { userId: Id }
  'comments.created': PostEvent & {
    commentId: Id
    parentId: Id | null
    userId: Id
    mentionedIds: Id[]
    /** It was made before, and its post's owner has let it out. */
    hasWaited?: boolean
  }
  /** Made, and waiting for a moderator; `comments.created` follows when it is let out. */
  'comments.held': PostEvent & { commentId: Id; userId: Id }
  /** Made, and waiting for the post's owner; `comments.created` follows when they approve it. */
  'comments.waiting': PostEvent & { commentId: Id; userId: Id }
  'comments.deleted': PostEvent & {
    commentId: Id
    removed: number
    /** Whose these were that have no other on this post. */
    goneIds?: Id[]
  }
  'shares.created': PostEvent & { userId: Id }
  /** In the saver's bucket; for what the saver alone is shown. */
  'saves.created': PostEvent & { userId: Id }
  'saves.deleted': { postId: Id; userId: Id }
}
