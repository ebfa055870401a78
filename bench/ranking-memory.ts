// What a server would know of a simulated population: kept by the server's own sums, fed with what people do.
import { createOrdering } from '../server/src/modules/feed/paging/ordering.ts'
import {
  type CandidateColumns,
  createCandidateColumns,
  createScores,
  mediaKinds,
  orderByScore,
  type PostFeatures,
  type Scores,
  setAuthor,
  setPost,
} from '../server/src/modules/ranking/candidate-columns.ts'
import {
  featureKeys,
  featuresOf,
  mediaKindOf,
  type Shown,
  secondsOf,
} from '../server/src/modules/ranking/facts/feature-space.ts'
import { noAttention, type PostAttention, qualityOf } from '../server/src/modules/ranking/facts/quality.ts'
import { rank } from '../server/src/modules/ranking/rank.ts'
import { localHourAt } from '../server/src/modules/ranking/tastes/local-time.ts'
import { createEmptyTaste, tasteFrom } from '../server/src/modules/ranking/tastes/taste.ts'
import {
  createTasteSums,
  type Interaction,
  type NotedPost,
  noteGiven,
  noteInteraction,
  noteReceived,
  noteSession,
  noteShown,
  noteTag,
} from '../server/src/modules/ranking/tastes/taste-sums.ts'
import type { RankingWeights } from '../server/src/modules/ranking/weights.ts'
import type { Reaction } from './ranking-behaviour.ts'
import { dayMs, type Population, type SimulatedPost } from './ranking-population.ts'

export interface Memory {
  attentionOf(post: number): PostAttention
  hasSeen(viewer: number, post: number): boolean
  hasHidden(viewer: number, post: number): boolean
  /** Somebody looked at a post, and maybe did more. */
  note(viewer: number, post: SimulatedPost, at: number, reaction: Reaction): void
  noteSession(viewer: number, startedAt: number, lengthMs: number): void
  /** Rows of the candidates, best first. */
  rank(viewer: number, candidates: readonly number[], now: number, how: How): number[]
}

export interface How {
  weights: RankingWeights
  isPersonal: boolean
  /** Of one author few stand close together, as on pages. */
  mixesAuthors: boolean
}

const capacity = 500
/** Of every media of the simulation. */
const filmSeconds = 20
const shown: Record<SimulatedPost['kind'], Shown[]> = {
  photo: [{ type: 'photo', durationSeconds: null }],
  video: [{ type: 'video', durationSeconds: filmSeconds }],
  carousel: [1, 2, 3].map(() => ({ type: 'photo', durationSeconds: null })),
}

export function createMemory({ people, posts }: Population): Memory {
  const sums = people.map(createTasteSums)
  /** Per viewer: post → days on which it was seen, and the last of them. */
  const seen = people.map(() => new Map<number, { days: number; last: number }>())
  const hidden = people.map(() => new Set<number>())
  const attention = posts.map((): PostAttention => ({ ...noAttention }))
  const noted = posts.map(
    ({ author, tags, kind }): NotedPost => ({
      authorId: idOf(author),
      features: featuresOf({ caption: '', hashtags: tags, placeName: null }),
      kind: mediaKinds.indexOf(mediaKindOf(shown[kind])),
    }),
  )
  const fixed = posts.map(({ kind }, post) => ({
    kind: noted[post]!.kind,
    seconds: secondsOf(shown[kind]),
    features: featureKeys(noted[post]!.features),
  }))
  const columns = createCandidateColumns(capacity)
  const scores = createScores(capacity)

  function look(viewer: number, post: number, at: number): boolean {
    const day = Math.floor(at / dayMs)
    const before = seen[viewer]!.get(post)
    if (before?.last === day) return false
    seen[viewer]!.set(post, { days: (before?.days ?? 0) + 1, last: day })
    return true
  }

  function act(viewer: number, post: SimulatedPost, at: number, interaction: Interaction): void {
    const localHour = localHourAt(people[viewer]!.zone, at)
    noteInteraction(sums[viewer]!, interaction, noted[post.index]!, { at, localHour })
    if (interaction !== 'hide') noteReceived(sums[post.author]!, interaction, idOf(viewer), at)
  }

  return {
    attentionOf: (post) => attention[post]!,
    hasSeen: (viewer, post) => seen[viewer]!.has(post),
    hasHidden: (viewer, post) => hidden[viewer]!.has(post),

    note(viewer, post, at, reaction) {
      const of = attention[post.index]!
      if (look(viewer, post.index, at)) {
        of.impressions++
        of.dwells++
        of.dwellMs += reaction.dwellMs
        const when = { at, localHour: localHourAt(people[viewer]!.zone, at) }
        noteShown(sums[viewer]!, noted[post.index]!, when, reaction.dwellMs)
      }
      if (reaction.likes) of.likes++
      if (reaction.comments) of.comments++
      if (reaction.shares) of.shares++
      if (reaction.likes) act(viewer, post, at, 'like')
      if (reaction.comments) act(viewer, post, at, 'comment')
      if (reaction.saves) act(viewer, post, at, 'save')
      if (reaction.shares) act(viewer, post, at, 'share')
      if (reaction.visits) noteGiven(sums[viewer]!, 'profile_visit', idOf(post.author), at)
      if (reaction.tapped !== null) noteTag(sums[viewer]!, reaction.tapped, at)
      if (reaction.hides) {
        hidden[viewer]!.add(post.index)
        act(viewer, post, at, 'hide')
      }
    },

    noteSession: (viewer, startedAt, lengthMs) => noteSession(sums[viewer]!, { startedAt, lengthMs }),

    rank(viewer, candidates, now, { weights, isPersonal, mixesAuthors }) {
      fill(
        columns,
        candidates,
        (post): PostFeatures => ({ ...fixed[post]!, quality: qualityOf(attention[post]!) }),
      )
      const { zone } = people[viewer]!
      // Nothing is kept of whom wants no personalisation, not even what they have seen.
      for (const [row, post] of candidates.entries())
        columns.seen[row] = isPersonal ? Math.min(255, seen[viewer]!.get(post)?.days ?? 0) : 0
      const taste = isPersonal ? tasteFrom(sums[viewer]!, zone, now) : createEmptyTaste(zone, now, false)
      const rated = rank(columns, taste, now, weights, scores)
      return mixesAuthors ? mixed(columns, rated) : Array.from(orderByScore(columns, rated))
    },
  }

  function fill(
    into: CandidateColumns,
    candidates: readonly number[],
    featuresAt: (post: number) => PostFeatures,
  ) {
    const rows = new Map<number, number>()
    into.count = candidates.length
    for (const [row, post] of candidates.entries()) {
      const { author, at } = posts[post]!
      let place = rows.get(author)
      if (place === undefined) {
        place = rows.size
        rows.set(author, place)
        setAuthor(into, place, idOf(author))
      }
      into.author[row] = place
      into.publishedAt[row] = at
      setPost(into, row, featuresAt(post))
    }
    into.authorCount = rows.size
  }
}

function idOf(person: number): string {
  return String(person + 1)
}

/** All of them, as pages give them. */
function mixed({ count, publishedAt, author }: CandidateColumns, { score }: Scores): number[] {
  const ordering = createOrdering({ count, score, publishedAt, author })
  return Array.from({ length: count }, ordering.next)
}
