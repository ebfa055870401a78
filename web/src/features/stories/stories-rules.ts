import type { Story, StoryRing } from '@heliograph/contract/stories'

/** Those that have not ended; what was kept on this device may be old. */
export function livingOf(stories: readonly Story[], now: number): Story[] {
  return stories.filter(({ expiresAt }) => Date.parse(expiresAt) > now)
}

const lifeMs = 24 * 3_600_000

/** Those of whom something is still out: nobody tells that the newest of theirs has ended. */
export function livingRings(rings: readonly StoryRing[], now: number): StoryRing[] {
  return rings.filter(({ latestAt }) => Date.parse(latestAt) + lifeMs > now)
}

/** One of theirs has ended since that was told: there are fewer, and maybe nothing new among them. */
export function isOutdated({ endsAt }: Pick<StoryRing, 'endsAt'>, now: number): boolean {
  return Date.parse(endsAt) <= now
}

/** What the ring of a person says, by the Stories that are known of them. */
export function ringOf(
  stories: readonly Story[],
  before: Pick<StoryRing, 'closeFriends' | 'count' | 'endsAt'>,
): Pick<StoryRing, 'unseen' | 'closeFriends' | 'count' | 'endsAt'> {
  const unseen = stories.filter(({ seen }) => !seen)
  const told = unseen.length > 0 ? unseen : stories
  return {
    unseen: unseen.length > 0,
    closeFriends: told.length > 0 ? told.some(isForCloseFriends) : before.closeFriends,
    count: stories.length,
    // Oldest first, and all of them last as long.
    endsAt: stories[0]?.expiresAt ?? before.endsAt,
  }
}

function isForCloseFriends({ audience }: Story): boolean {
  return audience === 'close_friends'
}

/** Where a look begins: at the first that was not seen, at the very first when all were. */
export function firstUnseen(stories: readonly Story[]): number {
  const at = stories.findIndex(({ seen }) => !seen)
  return Math.max(0, at)
}

/** Whom a viewer turns through: those with something unseen only, once it began with one of them. */
export function turnedThrough(
  rings: readonly StoryRing[],
  from: string,
  ownId: string | undefined,
): string[] {
  const begun = rings.find(({ user }) => user.username === from)
  const others = rings.filter(({ user, count }) => user.id !== ownId && count > 0)
  if (!begun || begun.user.id === ownId) return [from]
  return others
    .filter(({ unseen, user }) => unseen === begun.unseen || user.username === from)
    .map(({ user }) => user.username)
}

/** How long a picture stands. Words take time to be read: a second more for each dozen of them. */
export function standsMs(story: Story): number {
  const words = story.overlays
    .map((overlay) => (overlay.kind === 'text' ? overlay.text : ''))
    .join(' ')
    .split(/\s+/)
    .filter(Boolean).length
  return Math.min(12_000, 5000 + Math.floor(words / 12) * 1000)
}
