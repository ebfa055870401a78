import type { Id } from '#platform/ids/ids.ts'

/** Whoever is followed by some of those whom one follows. */
export interface Candidate {
  id: Id
  /** Those of one's followees who follow them, in the order in which they were looked at. */
  followedBy: Id[]
}

/**
 * Of many followees so many are looked at: favourites and the newest first, and of all the others some each day, so
 * that everybody's turn comes.
 */
export function chooseFollowees(
  { following, favourites }: { following: ReadonlySet<Id>; favourites: ReadonlySet<Id> },
  max: number,
  day: number,
): Id[] {
  if (following.size <= max)
    return [...new Set([...favourites, ...following])].filter((id) => following.has(id))
  const first = [...new Set([...favourites, ...following])].slice(0, Math.ceil(max / 2))
  const chosen = new Set(first)
  const rest = [...following].filter((id) => !chosen.has(id))
  const turn = (day * (max - first.length)) % rest.length
  return [...first, ...[...rest.slice(turn), ...rest.slice(0, turn)].slice(0, max - first.length)]
}

/** Those whom most of them follow; among equals whom the first ones follow. */
export function rankCandidates(
  follows: ReadonlyMap<Id, Iterable<Id>>,
  isOut: (id: Id) => boolean,
  max: number,
): Candidate[] {
  const found = new Map<Id, Candidate>()
  for (const [followeeId, followed] of follows)
    for (const id of followed) {
      if (isOut(id)) continue
      const candidate = found.get(id)
      if (candidate) candidate.followedBy.push(followeeId)
      else found.set(id, { id, followedBy: [followeeId] })
    }
  return [...found.values()].sort((a, b) => b.followedBy.length - a.followedBy.length).slice(0, max)
}
