import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Candidates, candidateAt, candidatesMax, candidatesOf } from '../candidates.ts'
import type { FeedRow } from '../feed-skeleton.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import {
  createCandidateColumns,
  createScores,
  isFavourite,
  isOwn,
  setPost,
} from '../ranking/candidate-columns.ts'
import type { PostFeaturesStore, RankedPost } from '../ranking/post-features.ts'
import { rank } from '../ranking/rank.ts'
import { type ReasonLanguage, reasonFor, usualAmong } from '../ranking/reasons.ts'
import { hiddenCount } from '../ranking/seen-posts.ts'
import type { SeenPosts, Taste, Tastes } from '../ranking/taste.ts'
import { isNews, isRecent } from './caught-up.ts'
import { createOrdering } from './ordering.ts'

export interface PlacedRow extends FeedRow {
  isNews: boolean
  isSeen: boolean
}

/** Rows in the order of their scores; drawn one by one, since most first pages are the last that is asked for. */
export interface Arranged {
  next(): PlacedRow | null
  newsCount: number
  /** As which row it was ranked. */
  rowOf(postId: Id): RankedRow | undefined
}

interface RankedRow {
  row: number
  post: RankedPost
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

// Filled, ranked and read in one go without waiting: one set for the process is enough.
const columns = createCandidateColumns(candidatesMax)
const scores = createScores(candidatesMax)
/** Whose they hold, until others are ranked. */
let standing: Arranged | null = null

export function createFeedRanker({ tastes, features, accounts, languageOf, clock }: RankerDeps): FeedRanker {
  const tasteOf = async (id: Id) => tastes.peekTaste(id) ?? (await tastes.tasteOf(id))
  const seenOf = async (id: Id) => tastes.peekSeen(id) ?? (await tastes.seenOf(id))

  async function postsOf(ids: readonly Id[]): Promise<(RankedPost | undefined)[]> {
    const posts = features.peekEach(ids)
    if (!posts.includes(undefined)) return posts
    const missing = ids.filter((_, at) => posts[at] === undefined)
    const loaded = await features.getMany(missing)
    return posts.map((post, at) => post ?? loaded.get(ids[at]!))
  }

  return {
    seenOf,

    async arrange(viewer, candidates, shown = []) {
      const [taste, seen, posts] = await Promise.all([
        tasteOf(viewer.id),
        seenOf(viewer.id),
        postsOf(candidates.postIds),
      ])
      const now = clock.now()
      const places = new Map(shown.map((id, place) => [id, place]))
      const authorsShown: number[] = []
      const isShown = (from: number) => {
        if (places.size === 0) return false
        const place = places.get(candidates.postIds[from]!)
        if (place !== undefined) authorsShown[place] = candidates.author[from]!
        return place !== undefined
      }
      const rows = fill(viewer, candidates, {
        posts,
        seen,
        isLeftOut: (from, times) => times === hiddenCount || isShown(from),
      })
      rank(columns, taste, now, undefined, scores)
      const times = columns.seen.slice(0, columns.count)
      const ownAuthor = candidates.authorIds.indexOf(viewer.id)
      const isSeen = (row: number) => times[row]! > 0 || candidates.author[rows[row]!] === ownAuthor
      const newsAt = (row: number) =>
        isNews({ publishedAt: candidates.publishedAt[rows[row]!]!, now, isSeen: isSeen(row) })
      let newsCount = 0
      for (let row = 0; row < rows.length && isRecent(candidates.publishedAt[rows[row]!]!, now); row++)
        if (newsAt(row)) newsCount++
      const ordering = createOrdering(
        {
          count: columns.count,
          score: scores.score.slice(0, columns.count),
          publishedAt: columns.publishedAt.slice(0, columns.count),
          author: columns.author.slice(0, columns.count),
        },
        authorsShown.filter((author) => author !== undefined),
      )
      const drawn = new Map<Id, RankedRow>()
      const arranged: Arranged = {
        newsCount,
        rowOf: (postId) => drawn.get(postId),
        next() {
          const row = ordering.next()
          if (row < 0) return null
          const from = rows[row]!
          const candidate = candidateAt(candidates, from)
          drawn.set(candidate.post_id, { row, post: posts[from]! })
          return { ...candidate, isNews: newsAt(row), isSeen: isSeen(row) }
        },
      }
      standing = arranged
      return arranged
    },

    async explain(viewer, shown, arranged) {
      if (shown.length === 0) return []
      const authorIds = shown.map((row) => row.author_id)
      const [taste, seen, language, people] = await Promise.all([
        tasteOf(viewer.id),
        seenOf(viewer.id),
        languageOf(viewer.id),
        accounts.peekByIds(authorIds) ?? accounts.findByIds(authorIds),
      ])
      const isStanding =
        arranged !== null &&
        arranged === standing &&
        shown.every(({ post_id }) => arranged.rowOf(post_id) !== undefined)
      const posts = isStanding ? [] : await postsOf(shown.map((row) => row.post_id))
      // From here on nothing is waited for: columns and scores stay as they are.
      const now = clock.now()
      const rowOf = isStanding ? arranged.rowOf : rankAgain(viewer, shown, { posts, seen, taste, now })
      const usual = usualAmong(
        scores,
        shown.flatMap(({ post_id }) => rowOf(post_id)?.row ?? []),
      )
      return shown.map(({ post_id, author_id }) => {
        const ranked = rowOf(post_id)
        if (!ranked) return ''
        const account = people.get(author_id)
        const about = {
          authorName: account?.fullName || account?.username || '',
          hashtags: ranked.post.hashtags,
        }
        const reason = reasonFor(columns, ranked.row, scores, taste, now, about, language, usual)
        return `"reason":${JSON.stringify(reason)}`
      })
    },
  }
}

interface RankingAgain {
  posts: readonly (RankedPost | undefined)[]
  seen: SeenPosts
  taste: Taste
  now: number
}

/** Rows that were put in order at another time. */
function rankAgain(
  viewer: FeedViewer,
  shown: readonly FeedRow[],
  { posts, seen, taste, now }: RankingAgain,
): Arranged['rowOf'] {
  standing = null
  const rows = fill(viewer, candidatesOf(shown, true), { posts, seen, isLeftOut: () => false })
  rank(columns, taste, now, undefined, scores)
  const ranked = new Map(rows.map((from, row) => [shown[from]!.post_id, { row, post: posts[from]! }]))
  return (postId) => ranked.get(postId)
}

interface Filling {
  posts: readonly (RankedPost | undefined)[]
  seen: SeenPosts
  /** `times`: how often it was seen, or `hiddenCount`. */
  isLeftOut(from: number, times: number): boolean
}

/** What is gone by now is left out. Gives the candidate of each row. */
function fill(viewer: FeedViewer, candidates: Candidates, { posts, seen, isLeftOut }: Filling): number[] {
  const { postIds, postHi, postLo, authorIds, author, publishedAt } = candidates
  const rows: number[] = []
  for (let from = 0; from < postIds.length; from++) {
    const post = posts[from]
    const times = seen.lookUp(postHi[from]!, postLo[from]!)
    if (isLeftOut(from, times) || post === undefined) continue
    const row = rows.push(from) - 1
    columns.author[row] = author[from]!
    columns.publishedAt[row] = publishedAt[from]!
    columns.seen[row] = times === hiddenCount ? 1 : times
    setPost(columns, row, post)
  }
  columns.count = rows.length
  columns.authorCount = authorIds.length
  for (let at = 0; at < authorIds.length; at++) {
    const id = authorIds[at]!
    columns.authorIds[at] = id
    columns.authorFlags[at] = (id === viewer.id ? isOwn : 0) | (viewer.favourites.has(id) ? isFavourite : 0)
  }
  return rows
}
