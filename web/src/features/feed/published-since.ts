import type { Id } from '@heliograph/contract/common'
import type { Post } from '@heliograph/contract/posts'

/** A post is dated a moment before it stands in feeds: one of that moment may have come too late for the reading. */
const slackMs = 2000

export interface Reading {
  /** When the feed was read, by the server's clock. */
  asOf: string
  /** What was loaded of it. */
  shownIds: readonly Id[]
}

/**
 * Of the newest posts those that were published after a feed was read. What it shows of itself does not tell: by rank the
 * newest may stand pages further down, seen long ago.
 */
export function publishedSince(newest: readonly Post[], { asOf, shownIds }: Reading): Post[] {
  const shown = new Set(shownIds)
  const since = Date.parse(asOf) - slackMs
  return newest.filter(
    ({ id, publishedAt }) => publishedAt !== null && Date.parse(publishedAt) > since && !shown.has(id),
  )
}
