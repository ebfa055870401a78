import type {
  HiddenPosts,
  PeekedFeatures,
  PostFeaturesStore,
  RankedPost,
  ReasonLanguage,
  SeenPosts,
  Taste,
  Tastes,
} from '#modules/ranking'
import {
  type CandidateColumns,
  hiddenCount,
  isFavourite,
  isOwn,
  leaveOutLikes,
  nowhere,
  ReasonMember,
  rank,
  reasonOf,
  setPost,
  usualAmong,
} from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import { halvesOf, sinceEpochOf } from '#platform/ids/id-halves.ts'
import { EPOCH, type Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import { type Candidates, candidatesOf, postIdAt } from '../candidates.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import type { Arranged, PlacedRow } from './arranged.ts'
import { isRecent, type MarkKind, news, ofNoDay, seenBefore } from './caught-up.ts'
import { isOutdated, type KeptScores } from './kept-scores.ts'
import { createOrdering } from './ordering.ts'
import { borrowDesk, type Desk } from './ranking-desk.ts'
import { ShownPost, type ShownRow } from './shown-post.ts'

/** Where the rows that are shown lie, on a desk or among scores that were kept; `nowhere`: nothing is known of it. */
export type Drawn = { readonly places: readonly number[] } & (
  | { readonly arranged: Pick<Arranged, 'desk' | 'loaded' | 'taste'> }
  | { readonly kept: KeptScores }
)

/** Of each row that is shown; undefined: nothing is known of it. */
export type Reasons = (ReasonMember | undefined)[]

export interface FeedRanker {
  /** `shown`: what stands above already, in its order. It takes no place, but its authors were just seen. */
  arrange(viewer: FeedViewer, candidates: Candidates, shown?: readonly Id[]): Soon<Arranged>
  /** Why each stands where it does, as a member of its JSON. `drawn`: null when nothing is left of their being put in order. */
  explain(viewer: FeedViewer, shown: readonly ShownRow[], drawn: Drawn | null): Soon<Reasons>
  seenOf(viewerId: Id): Soon<SeenPosts>
  hiddenOf(viewerId: Id): Soon<HiddenPosts>
}

export interface RankerDeps {
  tastes: Tastes
  features: PostFeaturesStore
  languageOf(viewerId: Id): Soon<ReasonLanguage>
  clock: Clock
}

export function createFeedRanker({ tastes, features, languageOf, clock }: RankerDeps): FeedRanker {
  const tasteOf = (id: Id): Soon<Taste> => tastes.peekTaste(id) ?? tastes.tasteOf(id)
  const seenOf = (id: Id): Soon<SeenPosts> => tastes.peekSeen(id) ?? tastes.seenOf(id)
  const hiddenOf = (id: Id): Soon<HiddenPosts> => tastes.peekHidden(id) ?? tastes.hiddenOf(id)

  /** Onto the desk comes every candidate that is there and wanted; gives what had to be loaded for it. */
  function fill(
    desk: Desk,
    viewer: FeedViewer,
    candidates: Candidates,
    wanted: Wanted,
  ): Soon<ReadonlyMap<Id, RankedPost>> {
    const missing = fillFrom(desk, viewer, candidates, { ...wanted, features })
    return missing.length === 0 ? nothing : fillLoading(desk, viewer, candidates, { wanted, missing })
  }

  /** Whatever was in memory may have left it while others were loaded: only what does not exist falls out. */
  async function fillLoading(
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

  function arrangeBy(
    viewer: FeedViewer,
    candidates: Candidates,
    shown: readonly Id[],
    { taste, seen }: { taste: Taste; seen: SeenPosts },
  ): Soon<Arranged> {
    const desk = borrowDesk()
    const above = shown.length === 0 ? null : lookFor(shown, candidates)
    return whenThere(fill(desk, viewer, candidates, { seen, above }), (loaded): Arranged => {
      const { columns, scores, from } = desk
      const now = clock.now()
      rank(columns, taste, now, undefined, scores)
      const ownAuthor = authorOf(candidates, viewer.id)
      const kindOf = (place: number): MarkKind => {
        if (columns.author[place] === ownAuthor || !isRecent(columns.publishedAt[place]!, now)) return ofNoDay
        return columns.seen[place] === 0 ? news : seenBefore
      }
      const { count, author } = columns
      const placed = (place: number): PlacedRow => ({
        row: candidates.rowAt(from[place]!),
        markKind: kindOf(place),
        place,
      })
      const ordering = createOrdering(
        { count, score: scores.score, publishedAt: columns.publishedAt, author },
        above?.authors(),
        desk.heap,
      )
      return {
        taste,
        desk,
        loaded,
        release: desk.giveBack,
        next() {
          const place = ordering.next()
          return place < 0 ? null : placed(place)
        },
        find(markKind, first, drawn) {
          // Newest first: behind these days there is none of any day.
          for (let place = first; place < count && isRecent(columns.publishedAt[place]!, now); place++)
            if (kindOf(place) === markKind && !drawn.has(place)) return placed(place)
          return null
        },
      }
    })
  }

  /** Rows of which nothing is left but their order. */
  function rankAgain(
    viewer: FeedViewer,
    shown: readonly ShownRow[],
    taste: Taste,
  ): Soon<Extract<Drawn, { arranged: unknown }>> {
    const desk = borrowDesk()
    const rows = candidatesOf(
      shown.map(({ row }) => row),
      true,
      desk.rows,
    )
    return whenThere(seenOf(viewer.id), (seen) =>
      whenThere(fill(desk, viewer, rows, { seen, above: null, isAll: true }), (loaded) => {
        const { columns, scores, from } = desk
        rank(columns, taste, clock.now(), undefined, scores)
        const places = new Array<number>(shown.length).fill(nowhere)
        for (let place = 0; place < columns.count; place++) places[from[place]!] = place
        return { arranged: { desk, loaded, taste }, places }
      }),
    )
  }

  function explainBy(
    viewer: FeedViewer,
    shown: readonly ShownRow[],
    drawn: Drawn,
    { taste, language }: { taste: Taste; language: ReasonLanguage },
  ): Reasons {
    const { places } = drawn
    const isKept = 'kept' in drawn
    const scores = isKept ? drawn.kept.scores : drawn.arranged.desk.scores
    const kinds = isKept ? drawn.kept.kinds : drawn.arranged.desk.columns.kind
    const known = places.includes(nowhere) ? places.filter((place) => place !== nowhere) : places
    const post = new ShownPost(viewer, features, isKept ? nothing : drawn.arranged.loaded)
    for (let at = 0; at < shown.length; at++) {
      const place = places[at]!
      if (place === nowhere || !shown[at]!.card.likesHidden) continue
      post.turnTo(shown[at]!, kinds[place]!)
      leaveOutLikes(scores, place, post.qualityWithoutLikes(), isKept ? drawn.kept : drawn.arranged.taste)
    }
    const given = { taste, now: clock.now(), language, usual: usualAmong(scores, known) }
    return shown.map((each, at) => {
      const place = places[at]!
      if (place === nowhere) return undefined
      post.turnTo(each, kinds[place]!)
      return new ReasonMember(scores, place, reasonOf(scores, place, post, given))
    })
  }

  return {
    seenOf,
    hiddenOf,

    arrange: (viewer, candidates, shown = []) =>
      whenThere(tasteOf(viewer.id), (taste) =>
        whenThere(seenOf(viewer.id), (seen) => arrangeBy(viewer, candidates, shown, { taste, seen })),
      ),

    explain(viewer, shown, drawn) {
      if (shown.length === 0) return []
      return whenThere(tastes.peekEarlierTaste(viewer.id) ?? tastes.tasteOf(viewer.id), (taste) =>
        whenThere(languageOf(viewer.id), (language) => {
          const words = { taste, language }
          if (drawn && !('kept' in drawn && isOutdated(drawn.kept, taste)))
            return explainBy(viewer, shown, drawn, words)
          return whenThere(rankAgain(viewer, shown, taste), (again) => {
            const members = explainBy(viewer, shown, again, words)
            again.arranged.desk.giveBack()
            return members
          })
        }),
      )
    },
  }
}

const nothing: ReadonlyMap<Id, RankedPost> = new Map()

interface Above {
  isShown(at: number): boolean
  /** Whose posts those are that were asked for, in their order. */
  authors(): number[]
}

/** Which candidates stand above already. */
function lookFor(shown: readonly Id[], candidates: Candidates): Above {
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

interface Wanted {
  seen: SeenPosts
  /** What stands above already is left out. */
  above: Above | null
  /** What was hidden as well. */
  isAll?: boolean
}

interface Filling extends Wanted {
  features: PostFeaturesStore
  /** What memory did not have; absent: nothing was loaded yet. */
  loaded?: ReadonlyMap<Id, RankedPost>
}

/** Gives the ids of those of which nothing is known. */
function fillFrom(
  desk: Desk,
  viewer: FeedViewer,
  candidates: Candidates,
  { features, seen, above, isAll = false, loaded = nothing }: Filling,
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
    if (places[at] === nowhere && !loaded.has(postIdAt(candidates, at)))
      missing.push(postIdAt(candidates, at))
    else from[row++] = at
  }
  columns.count = row
  if (peeked && loaded === nothing) peeked.pointAt(places, from, columns)
  else copyFeatures(desk, candidates, peeked, loaded)
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
function authorOf({ authorHi, authorLo }: Candidates, id: Id): number {
  const { hi, lo } = halvesOf(id)
  for (let at = authorLo.indexOf(lo); at >= 0; at = authorLo.indexOf(lo, at + 1))
    if (authorHi[at] === hi) return at
  return -1
}
