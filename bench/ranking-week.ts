// A week of a population under one order of feeds: what is shown decides what is seen, liked and learnt.
import { mean, median } from './figures.ts'
import { createRandom, type Random } from './random.ts'
import type { Arm } from './ranking-arms.ts'
import { type Behaviour, createBehaviour, joyOfSeen, type Reaction } from './ranking-behaviour.ts'
import { createMemory, type Memory } from './ranking-memory.ts'
import { idealOf, ndcg, recall } from './ranking-metrics.ts'
import { dayMs, hourMs, type Population } from './ranking-population.ts'

export const pageLength = 20
const candidatesMax = 500
/** Of the first two days nothing counts: nobody is known yet. */
const firstCountedDay = 2

export interface WeekFigures {
  ndcg: number
  recall: number
  /** Hours, of what a page showed. */
  medianAge: number
  authors: number
  /** Of a page, the share that the viewer had seen. */
  seenShare: number
  /** Joy of all that was looked at in a session. */
  joy: number
  sessions: number
  /** NDCG of each day, the first two as well. */
  ndcgByDay: number[]
}

/** A post of a session, with what the viewer would feel about it. */
interface Candidate {
  post: number
  gain: number
  affinity: number
}

type PageFigures = Omit<WeekFigures, 'sessions' | 'ndcgByDay'>

/** What all orders of the feed have in common: the town and what its people feel. */
export interface Town {
  population: Population
  behaviour: Behaviour
  wanted: Wanted[][]
}

export function createTown(population: Population): Town {
  const behaviour = createBehaviour(population)
  return { population, behaviour, wanted: drawWanted(population, behaviour) }
}

export function liveWeek({ population, behaviour, wanted }: Town, { method }: Arm): WeekFigures {
  const { start, end, sessions, posts } = population
  const memory = createMemory(population)
  const lot = createRandom(population.seed + 1)
  const pages: PageFigures[] = []
  const byDay = Array.from({ length: Math.round((end - start) / dayMs) }, (): number[] => [])

  for (const [session, { viewer, at }] of sessions.entries()) {
    const joyOf = behaviour.joyAt(viewer, at)
    const candidates = candidatesAt(wanted[viewer]!, posts, at)
      .filter(({ post }) => !memory.hasHidden(viewer, post))
      .map(({ post, affinity, lasting }): Candidate => {
        const joy = joyOf(lasting, posts[post]!)
        return { post, affinity, gain: joy * (memory.hasSeen(viewer, post) ? joyOfSeen : 1) }
      })
    if (candidates.length === 0) continue
    const rows = orderFeed(
      { memory, viewer, at, method, lot },
      candidates.map(({ post }) => post),
    )
    const order = rows.map((row) => candidates[row]!)
    const page = order.slice(0, pageLength)
    const seenShare = page.filter(({ post }) => memory.hasSeen(viewer, post)).length / page.length
    const joy = read(page, { viewer, session, at })
    const gains = gainsOf(order)
    const ideal = idealOf(gains)
    const quality = ndcg(gains, ideal, pageLength)
    byDay[Math.floor((at - start) / dayMs)]!.push(quality)
    if (at < start + firstCountedDay * dayMs) continue
    pages.push({
      ndcg: quality,
      recall: recall(gains, ideal, pageLength),
      medianAge: median(page.map(({ post }) => (at - posts[post]!.at) / hourMs)),
      authors: new Set(page.map(({ post }) => posts[post]!.author)).size,
      seenShare,
      joy,
    })
  }
  return { ...averageOf(pages), sessions: pages.length, ndcgByDay: byDay.map(mean) }

  /** From the top until patience ends; gives the joy that was had. */
  function read(
    page: readonly Candidate[],
    { viewer, session, at }: { viewer: number; session: number; at: number },
  ) {
    let [now, joy] = [at, 0]
    for (const [place, { post: index, affinity, gain }] of page.entries()) {
      const post = posts[index]!
      const isNew = !memory.hasSeen(viewer, index)
      const reaction = isNew ? behaviour.react(viewer, affinity, post, gain) : passedOver
      joy += gain
      now += reaction.dwellMs
      memory.note(viewer, post, now, reaction)
      if (!behaviour.goesOn(viewer, session, place)) break
    }
    memory.noteSession(viewer, at, now - at)
    return joy
  }
}

const gainsOf = (candidates: readonly Candidate[]) => candidates.map(({ gain }) => gain)

function averageOf(pages: readonly PageFigures[]): PageFigures {
  const over = (figure: keyof PageFigures) => mean(pages.map((page) => page[figure]))
  return {
    ndcg: over('ndcg'),
    recall: over('recall'),
    medianAge: over('medianAge'),
    authors: over('authors'),
    seenShare: over('seenShare'),
    joy: over('joy'),
  }
}

/** Of what one has seen before: a glance. */
const passedOver: Reaction = {
  dwellMs: 400,
  likes: false,
  comments: false,
  saves: false,
  shares: false,
  visits: false,
  hides: false,
  tapped: null,
}

export interface Wanted {
  post: number
  affinity: number
  /** See `Behaviour.lasting`. */
  lasting: number
}

/** For each person all posts of whom they follow, oldest first: the same for every order of the feed. */
export function drawWanted({ people, posts, follows }: Population, { lasting }: Behaviour): Wanted[][] {
  const written = people.map((): number[] => [])
  for (const { author, index } of posts) written[author]!.push(index)
  return follows.map((own, viewer) =>
    own
      .flatMap(({ followed, affinity }) =>
        written[followed]!.map((post) => ({
          post,
          affinity,
          lasting: lasting(viewer, affinity, posts[post]!),
        })),
      )
      .sort((a, b) => a.post - b.post),
  )
}

/** The newest that are published, newest first. */
function candidatesAt(wanted: readonly Wanted[], posts: Population['posts'], now: number): Wanted[] {
  let [low, high] = [0, wanted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (posts[wanted[middle]!.post]!.at <= now) low = middle + 1
    else high = middle
  }
  return wanted.slice(Math.max(0, low - candidatesMax), low).reverse()
}

interface Ordering {
  memory: Memory
  viewer: number
  at: number
  method: Arm['method']
  lot: Random
}

/** Rows of the candidates, which are the newest first, in the order of the feed. */
function orderFeed({ memory, viewer, at, method, lot }: Ordering, candidates: readonly number[]): number[] {
  if (method.kind === 'ranked') return memory.rank(viewer, candidates, at, method)
  const rows = Array.from(candidates, (_, row) => row)
  if (method.kind === 'random') return byScore(rows, () => lot.next())
  const scoreOf = method.kind === 'chronological' ? null : engagement[method.kind](memory)
  const order = scoreOf === null ? rows : byScore(rows, (row) => scoreOf(candidates[row]!))
  if (!method.unseenFirst) return order
  const isSeen = (row: number) => memory.hasSeen(viewer, candidates[row]!)
  return [...order.filter((row) => !isSeen(row)), ...order.filter(isSeen)]
}

function byScore(rows: readonly number[], scoreOf: (row: number) => number): number[] {
  const scores = rows.map(scoreOf)
  return rows.toSorted((a, b) => scores[b]! - scores[a]! || a - b)
}

/** What others did, and nothing else: all of it, or per time shown (leaning on the usual until ten have seen it). */
const engagement = {
  counts: (memory: Memory) => (post: number) => answersTo(memory, post),
  rates: (memory: Memory) => (post: number) =>
    (answersTo(memory, post) + 0.2 * 10) / (memory.attentionOf(post).impressions + 10),
}

function answersTo(memory: Memory, post: number): number {
  const { likes, comments, shares } = memory.attentionOf(post)
  return likes + 2 * comments + 3 * shares
}
