import type { FrameFit } from '@heliograph/contract/media'
import type { PostStatus } from '@heliograph/contract/posts'
import type { OverlayStyle, StoryAudience } from '@heliograph/contract/stories'
import type { ColumnType, JSONColumnType } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

interface Placed {
  x: number
  y: number
  scale: number
  rotation: number
}

/** An overlay as it is kept: a mention is an account's id, so that it follows a change of name. */
export type StoredOverlay = Placed &
  (
    | { kind: 'text'; text: string; style: OverlayStyle; color: string }
    | { kind: 'mention'; username: string; userId?: Id }
    | { kind: 'hashtag'; tag: string }
    | { kind: 'place'; name: string }
    | { kind: 'post'; postId: Id }
  )

/** What has a value only later need not be named when a row is made. */
type Later<T> = ColumnType<T | null, T | null | undefined, T | null>

export interface StoriesTable {
  bucket: number
  id: Id
  author_id: Id
  media_id: Id
  audience: StoryAudience
  status: PostStatus
  failure_code: Later<string>
  removal_note: Later<string>
  fit: FrameFit
  /** Of the ground, as its author saw it; null: what the picture has most of. */
  color: Later<string>
  alt_text: string
  /** Written as a JSON text, so that an array is not taken for a PostgreSQL array. */
  overlays: JSONColumnType<StoredOverlay[], string, string>
  archived: boolean
  created_at: Date
  published_at: Later<Date>
  expires_at: Date
  deleted_at: Later<Date>
  ended_at: Later<Date>
  final_views: Later<number>
  final_reactions: Later<number>
}

export interface StoryViewsTable {
  bucket: number
  story_id: Id
  viewer_id: Id
  id: Id
  seen_at: Date
  reaction: Later<string>
  reacted_at: Later<Date>
}

export interface StoryViewCountsTable {
  bucket: number
  story_id: Id
  slot: number
  views: number
  reactions: number
}

export interface StorySeenTable {
  bucket: number
  viewer_id: Id
  story_id: Id
  author_id: Id
  expires_at: Date
}

export interface HighlightsTable {
  bucket: number
  id: Id
  owner_id: Id
  title: string
  cover_id: Id
  created_at: Date
}

export interface HighlightStoriesTable {
  bucket: number
  highlight_id: Id
  story_id: Id
  position: number
}

export interface StoriesTables {
  stories: StoriesTable
  story_views: StoryViewsTable
  story_view_counts: StoryViewCountsTable
  story_seen: StorySeenTable
  highlights: HighlightsTable
  highlight_stories: HighlightStoriesTable
}

/** What every event about a Story says; the Story is the event's subject. */
export interface StoryEvent {
  storyId: Id
  authorId: Id
}

export const storiesTakesSight = {
  'stories.in_review': () => true,
  'stories.removed': () => true,
  'stories.deleted': () => true,
}

export interface StoriesEvents {
  /** Made, still processing. */
  'stories.created': StoryEvent
  /** Ready: may be seen, until `expiresAt` (milliseconds). */
  'stories.published': StoryEvent & { audience: StoryAudience; expiresAt: number; mentionedIds: Id[] }
  /** Its medium could not be prepared; the author alone sees it. */
  'stories.failed': StoryEvent & { code: string }
  /** It waits for a moderator; `wasReady`: others saw it until now. */
  'stories.in_review': StoryEvent & { wasReady: boolean }
  /** Taken away by a moderator. */
  'stories.removed': StoryEvent & { wasReady: boolean }
  'stories.deleted': StoryEvent
  /** Seen by these for the first time. */
  'stories.seen': StoryEvent & { viewerIds: Id[] }
  /** `emoji` is null when it was taken back. */
  'stories.reacted': StoryEvent & { userId: Id; emoji: string | null }
}
