import { canSee, type SightOver } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import type { StoryRow } from './stories-repository.ts'

/** How long a Story is out, whatever happens to it. */
export const storyLifeMs = 24 * 3_600_000

export function isExpired({ expires_at }: Pick<StoryRow, 'expires_at'>, now: number): boolean {
  return expires_at.getTime() <= now
}

/** What an expired one is still there by. */
export function isKeptFor(
  viewerId: Id | null,
  story: Pick<StoryRow, 'author_id' | 'status' | 'archived' | 'is_highlighted'>,
): boolean {
  if (story.status !== 'ready') return false
  return story.is_highlighted || (story.archived && viewerId === story.author_id)
}

/** While it is out; afterwards in a highlight for the audience that it had, and for its author in the archive. */
export function canSeeStory(
  sight: SightOver,
  story: Pick<
    StoryRow,
    'author_id' | 'status' | 'audience' | 'expires_at' | 'archived' | 'deleted_at' | 'is_highlighted'
  >,
  now: number,
): boolean {
  return canSee(sight, {
    kind: 'story',
    authorId: story.author_id,
    status: story.status,
    audience: story.audience,
    deleted: story.deleted_at !== null,
    expired: isExpired(story, now) && !isKeptFor(sight.viewerId, story),
  })
}

/**
 * What is over is nobody's to see, but what a moderator has not decided about yet stays for them: otherwise whoever shares
 * something bad only has to wait. So long at most, whether somebody decides or not.
 */
export const heldForModeratorsMs = 30 * storyLifeMs

/** How many have seen it and who, until a day after it is over. */
export const viewersKeptMs = storyLifeMs

export function hasViewers(story: Pick<StoryRow, 'expires_at'>, now: number): boolean {
  return story.expires_at.getTime() + viewersKeptMs > now
}

export function isOwner(viewer: { id: Id }, story: Pick<StoryRow, 'author_id'>): boolean {
  return viewer.id === story.author_id
}
