import { type ErrorCode, errorCodes, sentenceOf } from '@heliograph/contract/error-codes'
import type { AttachedMedia } from '@heliograph/contract/media'
import type { Post } from '@heliograph/contract/posts'
import type { Overlay, Story } from '@heliograph/contract/stories'
import type { AccountRow, AccountsApi } from '#modules/accounts'
import { canSee, type Sight } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import type { Viewer } from '../stories-deps.ts'
import { isOwner } from '../stories-policy.ts'
import type { StoryRow } from '../stories-repository.ts'
import type { StoredOverlay } from '../stories-tables.ts'

/** All that Stories on a page are made from. */
export interface StoryFacts {
  accounts: ReadonlyMap<Id, AccountRow>
  /** Over everybody who is named. */
  sight: Sight
  media: ReadonlyMap<Id, AttachedMedia>
  /** Shared posts that the viewer may see. */
  posts: ReadonlyMap<Id, Post>
  /** The viewer's own marks. */
  seen: Pick<ReadonlyMap<Id, Id>, 'has'>
  reactions: ReadonlyMap<Id, string>
  /** Whom the viewer may write to. */
  writable: ReadonlySet<Id>
  /** Of the viewer's own Stories. */
  counts: ReadonlyMap<Id, { views: number; reactions: number }>
}

/** Null: its author or its medium is gone. Of what a moderator removed its author still reads why. */
export function presentStory(
  summary: AccountsApi['presentSummary'],
  viewer: Viewer,
  row: StoryRow,
  facts: StoryFacts,
): Story | null {
  const author = facts.accounts.get(row.author_id)
  const isOwn = isOwner(viewer, row)
  const isToldOf = isOwn && row.status === 'removed'
  const media = facts.media.get(row.media_id) ?? (isToldOf ? goneMedium(row.media_id) : undefined)
  if (!author || !media) return null
  const counts = facts.counts.get(row.id)
  return {
    id: row.id,
    author: summary(author),
    status: row.status,
    ...(isOwn && row.failure_code !== null ? { failure: presentFailure(row) } : {}),
    audience: row.audience,
    fit: row.fit,
    altText: row.alt_text,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    overlays: row.overlays.map((overlay) => presentOverlay(overlay, facts)),
    media: row.color === null ? media : { ...media, color: row.color },
    seen: isOwn || facts.seen.has(row.id),
    reaction: facts.reactions.get(row.id) ?? null,
    mayReply: !isOwn && facts.writable.has(row.author_id),
    ...(isOwn && {
      viewCount: counts?.views ?? 0,
      reactionCount: counts?.reactions ?? 0,
      archived: row.archived,
    }),
  }
}

function goneMedium(id: Id): AttachedMedia {
  return {
    ...{ id, type: 'photo', status: 'failed', width: 0, height: 0, thumbhash: null, color: null },
    ...{ thumbnailUrl: null, imageUrl: null, fallbackUrl: null, isSensitive: false },
  }
}

/** A mention carries the name that its account has now, and does not link for whom the account is hidden from. */
function presentOverlay(overlay: StoredOverlay, { accounts, sight, posts }: StoryFacts): Overlay {
  if (overlay.kind === 'post') return { ...overlay, post: posts.get(overlay.postId) ?? null }
  if (overlay.kind !== 'mention') return overlay
  const { userId, ...plain } = overlay
  const account = userId && accounts.get(userId)
  if (!account || !canSee(sight, { kind: 'profile', authorId: account.id })) return plain
  return { ...plain, username: account.username, userId: account.id }
}

function presentFailure({ failure_code, removal_note }: StoryRow): NonNullable<Story['failure']> {
  const code =
    failure_code !== null && failure_code in errorCodes ? (failure_code as ErrorCode) : 'media.failed'
  return { code, message: sentenceOf(code), ...(removal_note ? { detail: removal_note } : {}) }
}
