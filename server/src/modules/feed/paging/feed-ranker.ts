import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Candidates, candidateAt, candidatesOf, postIdAt, publishedAt } from '../candidates.ts'
import type { FeedRow } from '../feed-skeleton.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import { isFavourite, isOwn, setPost } from '../ranking/candidate-columns.ts'
import { nowhere } from '../ranking/feature-table.ts'
import type { PostFeaturesStore, RankedPost } from '../ranking/post-features.ts'
import { rank } from '../ranking/rank.ts'
import { type ReasonLanguage, reasonFor, reasonMember, usualAmong } from '../ranking/reasons.ts'
import { hiddenCount } from '../ranking/seen-posts.ts'
import type { SeenPosts, Taste, Tastes } from '../ranking/taste.ts'
import { isNews, isRecent } from './caught-up.ts'
import { createOrdering } from './ordering.ts'
import { borrowDesk, type Desk } from './ranking-desk.ts'

export interface PlacedRow extends FeedRow {
  isNews: boolean
  isSeen: boolean
}

/** Rows in the order of their scores; drawn one by one, since most first pages are the last that is asked for. */
export interface Arranged {
  next(): PlacedRow | null
  newsCount: number
  /** Where what was drawn lies on the desk. */
  readonly desk: Desk
  readonly drawn: ReadonlyMap<Id, number>
  /** What was loaded for it: features of all others are in memory. */
  readonly loaded: ReadonlyMap<Id, RankedPost>
  /** When nobody draws or explains any more. */
  release(): void
}

export interface FeedRanker {
  /** `shown`: what stands above already, in its order. It takes no place, but its authors were just seen. */
  arrange(viewer: FeedViewer, candidates: Candidates, shown?: readonly Id[]): Promise<Arranged>
  /** Why each stands where it does, as members of its JSON. `arranged`: what they were drawn from just now. */
  explain(viewer: FeedViewer, rows: readonly FeedRow[], arranged: Arranged | null): Promise<string[]>
  seenOf(viewerId: Id): Promise<SeenPosts>
}

export interface RankerDeps {
  tastes: Tastes
  features: PostFeaturesStore
  accounts: Pick<AccountsApi, 'findByIds' | 'peekByIds'>
  languageOf(viewerId: Id): Promise<ReasonLanguage>
  clock: Clock
}

export function createFeedRanker({ tastes, features, accounts, languageOf, clock }: RankerDeps): FeedRanker {
  const tasteOf = async (id: Id) => tastes.peekTaste(id) ?? (await tastes.tasteOf(id))
  const seenOf = async (id: Id) => tastes.peekSeen(id) ?? (await tastes.seenOf(id))

  /** Onto the desk comes every candidate that is there and wanted. */
  async function fill(desk: Desk, viewer: FeedViewer, candidates: Candidates, wanted: Wanted) {
    const missing = fillFrom(desk, viewer, candidates, { ...wanted, features })
    const loaded = missing.length === 0 ? nothing : await features.getMany(missing)
    if (missing.length > 0) fillFrom(desk, viewer, candidates, { ...wanted, features, loaded })
    return loaded
  }

  return {
    seenOf,

    async arrange(viewer, candidates, shown = []) {
      const taste = await tasteOf(viewer.id)
      const seen = await seenOf(viewer.id)
      const { isShown, authorsShown } = lookFor(shown, candidates)
      const desk = borrowDesk()
      const { columns, scores, from } = desk
      const loaded = await fill(desk, viewer, candidates, {
        seen,
        isLeftOut: (at, times) => times === hiddenCount || isShown(at),
      })
      const now = clock.now()
      rank(columns, taste, now, undefined, scores)
      const ownAuthor = candidates.authorIds.indexOf(viewer.id)
      const isSeen = (row: number) => columns.seen[row]! > 0 || columns.author[row] === ownAuthor
      const newsAt = (row: number) =>
        isNews({ publishedAt: columns.publishedAt[row]!, now, isSeen: isSeen(row) })
      let newsCount = 0
      for (let row = 0; row < columns.count && isRecent(columns.publishedAt[row]!, now); row++)
        if (newsAt(row)) newsCount++
      const { count, author } = columns
      const ordering = createOrdering(
        { count, score: scores.score, publishedAt: columns.publishedAt, author },
        authorsShown(),
        desk.heap,
      )
      const drawn = new Map<Id, number>()
      return {
        newsCount,
        desk,
        drawn,
        loaded,
        release: desk.giveBack,
        next() {
          const row = ordering.next()
          if (row < 0) return null
          const candidate = candidateAt(candidates, from[row]!)
          drawn.set(candidate.post_id, row)
          return { ...candidate, isNews: newsAt(row), isSeen: isSeen(row) }
        },
      }
    },

    async explain(viewer, shown, arranged) {
      if (shown.length === 0) return []
      const authorIds = shown.map((row) => row.author_id)
      const taste = await tasteOf(viewer.id)
      const language = await languageOf(viewer.id)
      const people = accounts.peekByIds(authorIds) ?? (await accounts.findByIds(authorIds))
      const isDrawn = arranged !== null && shown.every(({ post_id }) => arranged.drawn.has(post_id))
      const { desk, drawn, loaded } = isDrawn ? arranged : await rankAgain(viewer, shown, taste)
      const { columns, scores } = desk
      const now = clock.now()
      const usual = usualAmong(
        scores,
        shown.flatMap(({ post_id }) => drawn.get(post_id) ?? []),
      )
      const hashtags = taste.tags.size === 0 ? [] : peekHashtags(features, shown)
      const members = shown.map(({ post_id, author_id }, at) => {
        const row = drawn.get(post_id)
        if (row === undefined) return ''
        const account = people.get(author_id)
        const about = {
          authorName: account?.fullName || account?.username || '',
          hashtags: hashtags[at] ?? loaded.get(post_id)?.hashtags ?? [],
        }
        return reasonMember(reasonFor(columns, row, scores, taste, now, about, language, usual))
      })
      if (!isDrawn) desk.giveBack()
      return members
    },
  }

  /** Rows that were put in order at another time. */
  async function rankAgain(
    viewer: FeedViewer,
    shown: readonly FeedRow[],
    taste: Taste,
  ): Promise<Pick<Arranged, 'desk' | 'drawn' | 'loaded'>> {
    const desk = borrowDesk()
    const { columns, scores, from } = desk
    const seen = await seenOf(viewer.id)
    const loaded = await fill(desk, viewer, candidatesOf(shown, true), { seen, isLeftOut: () => false })
    rank(columns, taste, clock.now(), undefined, scores)
    const drawn = new Map<Id, number>()
    for (let row = 0; row < columns.count; row++) drawn.set(shown[from[row]!]!.post_id, row)
    return { desk, drawn, loaded }
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

/** Of each, undefined where it is not in memory. */
function peekHashtags(
  features: PostFeaturesStore,
  rows: readonly FeedRow[],
): (readonly string[] | undefined)[] {
  const peeked = features.peekFeatures()
  if (!peeked) return []
  const places = new Int32Array(rows.length)
  peeked.find(candidatesOf(rows, true), places)
  return Array.from(places, (place) => (place === nowhere ? undefined : peeked.hashtagsAt(place)))
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
  const { columns, from, places } = desk
  const { count, authorIds, author } = candidates
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
