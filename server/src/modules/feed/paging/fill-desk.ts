import {
  type CandidateColumns,
  hiddenCount,
  isFavourite,
  isOwn,
  nowhere,
  type PeekedFeatures,
  type PostFeaturesStore,
  type RankedPost,
  type SeenPosts,
  setPost,
} from '#modules/ranking'
import { halvesOf, sinceEpochOf } from '#platform/ids/id-halves.ts'
import { EPOCH, type Id } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import { type Candidates, postIdAt } from '../candidates.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import type { Desk } from './ranking-desk.ts'

export interface Above {
  isShown(at: number): boolean
  /** Whose posts those are that were asked for, in their order. */
  authors(): number[]
}

/** Which candidates stand above already. */
export function lookFor(shown: readonly Id[], candidates: Candidates): Above {
  const places = new Map(shown.map((id, place) => [id, place]))
  const authors: (number | undefined)[] = []
  return {
    isShown(at) {
      const place = places.get(postIdAt(candidates, at))
      if (place !== undefined) authors[place] = candidates.author[at]!
      return place !== undefined
    },
    authors: () => authors.filter((author) => author !== undefined),
  }
}

export interface Wanted {
  seen: SeenPosts
  /** What stands above already is left out. */
  above: Above | null
  /** What was hidden as well. */
  isAll?: boolean
}

export const noneLoaded: ReadonlyMap<Id, RankedPost> = new Map()

/** Onto the desk comes every candidate that is there and wanted; gives what had to be loaded for it. */
export function fillDesk(
  features: PostFeaturesStore,
  desk: Desk,
  viewer: FeedViewer,
  candidates: Candidates,
  wanted: Wanted,
): Soon<ReadonlyMap<Id, RankedPost>> {
  const missing = fillFrom(desk, viewer, candidates, { ...wanted, features, loaded: undefined })
  return missing.length === 0
    ? noneLoaded
    : fillLoading(features, desk, viewer, candidates, { wanted, missing })
}

/** Whatever was in memory may have left it while others were loaded: only what does not exist falls out. */
async function fillLoading(
  features: PostFeaturesStore,
  desk: Desk,
  viewer: FeedViewer,
  candidates: Candidates,
  { wanted, missing }: { wanted: Wanted; missing: readonly Id[] },
): Promise<ReadonlyMap<Id, RankedPost>> {
  const loaded = new Map<Id, RankedPost>()
  const asked = new Set<Id>()
  for (let next = missing; next.length > 0; ) {
    for (const id of next) asked.add(id)
    for (const [id, post] of await features.getMany(next)) loaded.set(id, post)
    const stillMissing = fillFrom(desk, viewer, candidates, { ...wanted, features, loaded })
    next = stillMissing.filter((id) => !asked.has(id))
  }
  return loaded
}

interface Filling extends Wanted {
  features: PostFeaturesStore
  /** What memory did not have; undefined: nothing was loaded, so that all features lie in the table. */
  loaded: ReadonlyMap<Id, RankedPost> | undefined
}

/** Gives the ids of those of which nothing is known. */
function fillFrom(
  desk: Desk,
  viewer: FeedViewer,
  candidates: Candidates,
  { features, seen, above, isAll = false, loaded }: Filling,
): Id[] {
  const { columns, from, seen: times } = desk
  const { count, places } = candidates
  const peeked = features.peekFeatures()
  if (peeked) peeked.find(candidates, places)
  else places.fill(nowhere)
  seen.lookUp(candidates, times)
  const missing: Id[] = []
  let row = 0
  for (let at = 0; at < count; at++) {
    if ((times[at] === hiddenCount && !isAll) || above?.isShown(at)) continue
    if (places[at] === nowhere && !loaded?.has(postIdAt(candidates, at)))
      missing.push(postIdAt(candidates, at))
    else from[row++] = at
  }
  columns.count = row
  if (peeked && loaded === undefined) peeked.pointAt(places, from, columns)
  else copyFeatures(desk, candidates, peeked, loaded ?? noneLoaded)
  setPlaces(desk, candidates)
  setAuthors(columns, viewer, candidates)
  return missing
}

/** Some of them lie in the table and some do not. */
function copyFeatures(
  { columns, features, from }: Desk,
  candidates: Candidates,
  peeked: PeekedFeatures | undefined,
  loaded: ReadonlyMap<Id, RankedPost>,
): void {
  columns.features = features
  for (let row = 0; row < columns.count; row++) {
    const place = candidates.places[from[row]!]!
    if (place === nowhere) setPost(columns, row, loaded.get(postIdAt(candidates, from[row]!))!)
    else peeked!.copy(place, columns, row)
  }
}

function setPlaces({ columns, from, seen }: Desk, { author, feedHi, feedLo }: Candidates): void {
  const { count, author: authors, publishedAt, seen: times } = columns
  for (let row = 0; row < count; row++) {
    const at = from[row]!
    authors[row] = author[at]!
    publishedAt[row] = EPOCH + sinceEpochOf(feedHi[at]!, feedLo[at]!)
    times[row] = seen[at] === hiddenCount ? 1 : seen[at]!
  }
}

function setAuthors(columns: CandidateColumns, viewer: FeedViewer, candidates: Candidates): void {
  const { id, favourites } = viewer
  const { authorHi, authorLo } = candidates
  const { authorFlags } = columns
  columns.authorCount = authorHi.length
  columns.authorHi = authorHi
  columns.authorLo = authorLo
  authorFlags.fill(0, 0, authorHi.length)
  for (const favourite of favourites) {
    const at = authorOf(candidates, favourite)
    if (at >= 0) authorFlags[at] = isFavourite
  }
  const own = authorOf(candidates, id)
  if (own >= 0) authorFlags[own]! |= isOwn
}

/** -1: there is none of theirs. */
export function authorOf({ authorHi, authorLo }: Candidates, id: Id): number {
  const { hi, lo } = halvesOf(id)
  for (let at = authorLo.indexOf(lo); at >= 0; at = authorLo.indexOf(lo, at + 1))
    if (authorHi[at] === hi) return at
  return -1
}
