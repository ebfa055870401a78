import { canSee, type SightOver } from '#modules/graph'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import type { AuthorsOut, StoryOut } from './stories-out.ts'

/** Somebody in the tray, before they are shown. */
export interface Ring {
  readonly authorId: Id
  /** All that was out when this was made. */
  readonly stories: readonly StoryOut[]
  readonly unseen: boolean
  readonly latestAt: number
  readonly count: number
  readonly closeFriends: boolean
  /** How close the viewer is to them, in steps that one would tell apart. */
  readonly degree: number
  /** When the first of those that are shown ends. */
  readonly endsAt: number
}

export interface RingFacts {
  readonly now: number
  readonly sight: SightOver
  readonly seen: Pick<ReadonlyMap<Id, Id>, 'has'>
  degreeOf(authorId: Id): number
}

/** Pure. Undefined: there is nothing of theirs for this viewer now. */
export function ringOf({ authorId, stories }: AuthorsOut, facts: RingFacts): Ring | undefined {
  const shown = stories.filter((story) => isShown(authorId, story, facts))
  const last = shown.at(-1)
  if (last === undefined) return undefined
  const isOwn = authorId === facts.sight.viewerId
  const unseen = isOwn ? [] : shown.filter(({ id }) => !facts.seen.has(id))
  const told = unseen.length > 0 ? unseen : shown
  return {
    authorId,
    stories,
    unseen: unseen.length > 0,
    latestAt: last.createdAt,
    count: shown.length,
    closeFriends: told.some(({ audience }) => audience === 'close_friends'),
    degree: facts.degreeOf(authorId),
    endsAt: shown.reduce((first, { expiresAt }) => Math.min(first, expiresAt), Infinity),
  }
}

function isShown(authorId: Id, { audience, expiresAt }: StoryOut, { now, sight }: RingFacts): boolean {
  return canSee(sight, { kind: 'story', authorId, audience, status: 'ready', expired: expiresAt <= now })
}

/**
 * Oneself first, then whose are unseen, then whom the viewer is closest to. Degrees of closeness that nobody would tell apart
 * are one, so that what is new stands before what is not.
 */
export function compareRings(a: Ring, b: Ring, viewerId: Id): number {
  if (a.authorId === viewerId) return -1
  if (b.authorId === viewerId) return 1
  if (a.unseen !== b.unseen) return a.unseen ? -1 : 1
  return b.degree - a.degree || b.latestAt - a.latestAt || compareIds(a.authorId, b.authorId)
}

/** Doublings: somebody looked at twice as much is one degree closer. `closeness` is from 0. */
export function degreeOf(closeness: number): number {
  return closeness <= 0 ? 0 : Math.floor(Math.log2(1 + closeness) * 1.5)
}
