import { fault } from '#platform/http/fault.ts'

/** Keeps a list of followees readable in one go, for feeds and completion; requests that wait count with it. */
export const followsMax = 7500

export function requireRoomForFollow(followingCount: number, requestsSent: number): void {
  if (followingCount + requestsSent >= followsMax) throw fault('follow.too_many')
}
