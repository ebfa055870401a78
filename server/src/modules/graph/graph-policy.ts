import { limits } from '@heliograph/contract/limits'
import { fault } from '#platform/http/fault.ts'

/** Keeps a list of followees readable in one go, for feeds and completion; requests that wait count with it. */
export const followsMax = 7500

/** Keeps a list readable for whoever minds it, and what all lists take in memory bounded. */
export const closeFriendsMax = 1000

export function requireRoomForCloseFriend(listed: number): void {
  if (listed >= closeFriendsMax) throw fault('close_friend.too_many')
}

export function requireRoomForStoryHidden(listed: number): void {
  if (listed >= limits.storyHiddenFrom) throw fault('story_hidden.too_many')
}

export function requireRoomForFollow(followingCount: number, requestsSent: number): void {
  if (followingCount + requestsSent >= followsMax) throw fault('follow.too_many')
}
