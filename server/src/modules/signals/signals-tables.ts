import type { SignalKind } from '@heliograph/contract/signals'
import type { ColumnType, JSONColumnType } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

export interface SignalPeopleTable {
  bucket: number
  user_id: Id
  /** What happened before counts nothing. */
  erased_at: Date | null
  /** Days since 1970 in UTC, and rows taken on it. */
  day: number
  day_count: number
  session_count: number
  session_ms: number
  gap_count: number
  gap_ms: number
  last_started_at: Date | null
  last_ended_at: Date | null
}

export interface SignalsTable {
  bucket: number
  user_id: Id
  kind: SignalKind
  /** What it is about, as text: a thing counts once a day. */
  subject: string
  day: number
  id: Id
  /** The post. */
  target_id: Id | null
  /** Whose post, or about whom. */
  person_id: Id | null
  tag: string | null
  surface: string | null
  dwell_ms: number | null
  at: Date
}

export interface SignalAuthorsTable {
  bucket: number
  user_id: Id
  author_id: Id
  given: number
  received: number
  shown: number
}

export interface SignalFeaturesTable {
  bucket: number
  user_id: Id
  feature: string
  answered: number
  shown: number
}

export interface SignalRhythmTable {
  bucket: number
  user_id: Id
  /** `rhythmKey`: hour of the local day and kind of media. */
  slot: number
  answered: number
  shown: number
}

export interface HiddenPostsTable {
  bucket: number
  user_id: Id
  post_id: Id
  id: Id
  created_at: Date
}

/** Sums over everybody, in the post's bucket. */
export interface PostAttentionTable {
  bucket: number
  post_id: Id
  impressions: number
  /** A bigint, so text when read alone. */
  dwell_ms: ColumnType<string, number, number>
  dwells: number
}

/** What one person's batch adds to posts, without the person. */
export interface AttentionBatchesTable {
  bucket: number
  id: Id
  posts: JSONColumnType<{ id: Id; dwellMs: number | null }[], string, string>
}

export interface SignalsTables {
  signal_people: SignalPeopleTable
  signals: SignalsTable
  signal_authors: SignalAuthorsTable
  signal_features: SignalFeaturesTable
  signal_rhythm: SignalRhythmTable
  hidden_posts: HiddenPostsTable
  post_attention: PostAttentionTable
  attention_batches: AttentionBatchesTable
}

/**
 * Nothing was erased or hidden: they only looked at something, or something was done or taken back. Which posts they looked
 * at stands in no event, for those outlive what a person erases.
 */
export type Growth = 'looks' | 'acts'

/** The person is the subject of each. */
export interface SignalsEvents {
  /** What is known of them is another thing now, and of these others. */
  'signals.changed': { alsoOf?: Id[]; grown?: Growth }
}
