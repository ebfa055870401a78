import type { Clock } from '#platform/clock/clock.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import { type Candidates, candidatesOf, postIdAt, publishedAt } from '../candidates.ts'
import type { FeedRow } from '../feed-row.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import { isFavourite, isOwn, setPost } from '../ranking/candidate-columns.ts'
import { nowhere } from '../ranking/feature-table.ts'
import type { PostFeaturesStore, RankedPost } from '../ranking/post-features.ts'
import { rank } from '../ranking/rank.ts'
import { ReasonMember } from '../ranking/reason-json.ts'
import { partsOf, postAt, type ReasonLanguage, reasonOf, usualAmong } from '../ranking/reasons.ts'
import { hiddenCount } from '../ranking/seen-posts.ts'
import type { HiddenPosts, SeenPosts, Taste, Tastes } from '../ranking/taste.ts'
import type { Arranged, PlacedRow } from './arranged.ts'
import { isRecent, type MarkKind, news, ofNoDay, seenBefore } from './caught-up.ts'
import { isOutdated, type KeptScores, keptPost, peekHashtags } from './kept-scores.ts'
import { createOrdering } from './ordering.ts'
import { borrowDesk, type Desk } from './ranking-desk.ts'

/** Where the rows that are shown lie, on a desk or among scores that were kept; `nowhere`: nothing is known of it. */
export type Drawn = { readonly places: readonly number[] } & (
  | { readonly arranged: Pick<Arranged, 'desk' | 'loaded'> }
  | { readonly kept: KeptScores }
)

/** A row that is shown, and what its author is called. */
export interface ShownRow {
  row: FeedRow
  authorName: string
}

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
  function fill(desk: Desk, viewer: FeedViewer, candidates: Candidates, wanted: Wanted) {
    const missing = fillFrom(desk, viewer, candidates, { ...wanted, features })
    if (missing.length === 0) return nothing
    return features.getMany(missing).then((loaded) => {
      fillFrom(desk, viewer, candidates, { ...wanted, features, loaded })
      return loaded
    })
  }

  function arrangeBy(
    viewer: FeedViewer,
    candidates: Candidates,
    shown: readonly Id[],
    { taste, seen }: { taste: Taste; seen: SeenPosts },
  ): Soon<Arranged> {
    const { isShown, authorsShown } = lookFor(shown, candidates)
    const desk = borrowDesk()
    const isLeftOut = (at: number, times: number) => times === hiddenCount || isShown(at)
    return whenThere(fill(desk, viewer, candidates, { seen, isLeftOut }), (loaded): Arranged => {
      const { columns, scores, from } = desk
      const now = clock.now()
      rank(columns, taste, now, undefined, scores)
      const ownAuthor = candidates.authorIds.indexOf(viewer.id)
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
        authorsShown(),
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
      whenThere(fill(desk, viewer, rows, { seen, isLeftOut: () => false }), (loaded) => {
        const { columns, scores, from } = desk
        rank(columns, taste, clock.now(), undefined, scores)
        const places = new Array<number>(shown.length).fill(nowhere)
        for (let place = 0; place < columns.count; place++) places[from[place]!] = place
        return { arranged: { desk, loaded }, places }
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
    const loaded = isKept ? nothing : drawn.arranged.loaded
    const now = clock.now()
    const known = places.includes(nowhere) ? places.filter((place) => place !== nowhere) : places
    const usual = usualAmong(scores, known)
    return shown.map(({ row, authorName }, at) => {
      const place = places[at]!
      if (place === nowhere) return undefined
      const hashtags = () => peekHashtags(features, row) ?? loaded.get(row.post_id)?.hashtags ?? []
      const post = isKept
        ? keptPost(features, drawn.kept, { viewer, row, place })
        : postAt(drawn.arranged.desk.columns, place)
      const about = { authorName, hashtags }
      return new ReasonMember(reasonOf(partsOf(scores, place), post, { taste, now, about, language, usual }))
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

/** Which candidates stand above already, and whose posts those are, in their order. */
function lookFor(shown: readonly Id[], candidates: Candidates) {
  const places = new Map(shown.map((id, place) => [id, place]))
  const authors: (number | undefined)[] = []
  return {
    isShown(at: number): boolean {
      if (places.size === 0) return false
      const place = places.get(postIdAt(candidates, at))
      if (place !== undefined) authors[place] = candidates.author[at]!
      return place !== undefined
    },
    authorsShown: () => authors.filter((author) => author !== undefined),
  }
}

interface Wanted {
  seen: SeenPosts
  /** `times`: how often it was seen, or `hiddenCount`. */
  isLeftOut(at: number, times: number): boolean
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
  { features, seen, isLeftOut, loaded = nothing }: Filling,
): Id[] {
  const { columns, from } = desk
  const { count, authorIds, author, places } = candidates
  const peeked = features.peekFeatures()
  if (peeked) peeked.find(candidates, places)
  else places.fill(nowhere)
  seen.lookUp(candidates, desk.seen)
  const missing: Id[] = []
  let row = 0
  for (let at = 0; at < count; at++) {
    const times = desk.seen[at]!
    if (isLeftOut(at, times)) continue
    const place = places[at]!
    if (peeked && place !== nowhere) peeked.copy(place, columns, row)
    else {
      const id = postIdAt(candidates, at)
      const post = loaded.get(id)
      if (post) setPost(columns, row, post)
      else missing.push(id)
      if (!post) continue
    }
    from[row] = at
    columns.author[row] = author[at]!
    columns.publishedAt[row] = publishedAt(candidates, at)
    columns.seen[row] = times === hiddenCount ? 1 : times
    row++
  }
  columns.count = row
  columns.authorCount = authorIds.length
  for (let at = 0; at < authorIds.length; at++) {
    const id = authorIds[at]!
    columns.authorIds[at] = id
    columns.authorFlags[at] = (id === viewer.id ? isOwn : 0) | (viewer.favourites.has(id) ? isFavourite : 0)
  }
  return missing
}
