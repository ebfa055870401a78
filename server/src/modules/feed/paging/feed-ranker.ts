import {
  type HiddenPosts,
  nowhere,
  type PostFeaturesStore,
  type ReasonLanguage,
  rank,
  type SeenPosts,
  type Taste,
  type Tastes,
} from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import { type Candidates, candidatesOf } from '../candidates.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import type { Arranged, PlacedRow } from './arranged.ts'
import { isRecent, type MarkKind, news, ofNoDay, seenBefore } from './caught-up.ts'
import { type Drawn, explainShown, type Reasons } from './explaining.ts'
import { authorOf, fillDesk, lookFor } from './fill-desk.ts'
import { isOutdated } from './kept-scores.ts'
import { createOrdering } from './ordering.ts'
import { borrowDesk } from './ranking-desk.ts'
import type { ShownRow } from './shown-post.ts'

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

  function arrangeBy(
    viewer: FeedViewer,
    candidates: Candidates,
    shown: readonly Id[],
    { taste, seen }: { taste: Taste; seen: SeenPosts },
  ): Soon<Arranged> {
    const desk = borrowDesk()
    const above = shown.length === 0 ? null : lookFor(shown, candidates)
    return whenThere(fillDesk(features, desk, viewer, candidates, { seen, above }), (loaded): Arranged => {
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
      whenThere(fillDesk(features, desk, viewer, rows, { seen, above: null, isAll: true }), (loaded) => {
        const { columns, scores, from } = desk
        rank(columns, taste, clock.now(), undefined, scores)
        const places = new Array<number>(shown.length).fill(nowhere)
        for (let place = 0; place < columns.count; place++) places[from[place]!] = place
        return { arranged: { desk, loaded, taste }, places }
      }),
    )
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
          const telling = { taste, language, now: clock.now() }
          if (drawn && !('kept' in drawn && isOutdated(drawn.kept, taste)))
            return explainShown(features, viewer, shown, drawn, telling)
          return whenThere(rankAgain(viewer, shown, taste), (again) => {
            const members = explainShown(features, viewer, shown, again, telling)
            again.arranged.desk.giveBack()
            return members
          })
        }),
      )
    },
  }
}
