import type { FeedMode } from '@heliograph/contract/feed'

export interface FeedApi {
  /** Ways of ordering that are built: shown in the capabilities. */
  readonly modes: readonly FeedMode[]
}
