import type { Id } from '#platform/ids/ids.ts'
import { EPOCH } from '#platform/ids/ids.ts'
import { mediaKinds } from '../candidate-columns.ts'
import { tagFeature } from '../facts/feature-space.ts'
import { halfLivesMs, interactionWorth, longDwellMs } from '../weights.ts'

/**
 * What is known of a person, as sums that fade. Each addition is made larger the later it comes, and reading divides by
 * the same (forward decay): so sums are only ever added to, in any order, and those of a batch can be added to stored
 * ones. 2^1000 is reached in 2106 at 30 days.
 */
export interface TasteSums {
  authors: Map<Id, AuthorSums>
  /** By `Feature`. */
  features: Map<string, AnswerSums>
  /** By `rhythmKey`: hour of the local day and kind of media. */
  rhythm: Map<number, AnswerSums>
  sessions: SessionSums
}

export interface AuthorSums {
  /** Of the person towards the author, and back. */
  given: number
  received: number
  shown: number
}

/** How often something was shown, and how much it was answered then. */
export interface AnswerSums {
  answered: number
  shown: number
}

export interface SessionSums {
  count: number
  lengthMs: number
  gaps: number
  gapMs: number
  /** Milliseconds since 1970; null: never. */
  lastStartedAt: number | null
  lastEndedAt: number | null
}

export function createTasteSums(): TasteSums {
  return {
    authors: new Map(),
    features: new Map(),
    rhythm: new Map(),
    sessions: { count: 0, lengthMs: 0, gaps: 0, gapMs: 0, lastStartedAt: null, lastEndedAt: null },
  }
}

/** What an addition made at `at` is multiplied by. */
export function grown(at: number, halfLifeMs: number): number {
  return 2 ** ((at - EPOCH) / halfLifeMs)
}

/** What a sum is worth at `now`. */
export function faded(sum: number, now: number, halfLifeMs: number): number {
  return sum / grown(now, halfLifeMs)
}

export function rhythmKey(localHour: number, kind: number): number {
  return localHour * mediaKinds.length + kind
}

export interface NotedPost {
  authorId: Id
  features: readonly string[]
  /** Index in `mediaKinds`. */
  kind: number
}

export type Interaction = Exclude<keyof typeof interactionWorth, 'dwell' | 'hashtag_tap'>

interface When {
  at: number
  localHour: number
}

/** A post was shown to the person for a while. */
export function noteShown(sums: TasteSums, post: NotedPost, { at, localHour }: When, dwellMs = 0): void {
  const looked = Math.min(1, Math.max(0, dwellMs) / longDwellMs)
  noteAnswer(sums, post, { at, localHour }, { worth: interactionWorth.dwell, times: looked })
  authorOf(sums, post.authorId).shown += grown(at, halfLivesMs.authors)
  for (const feature of post.features)
    answersOf(sums.features, feature).shown += grown(at, halfLivesMs.features)
  answersOf(sums.rhythm, rhythmKey(localHour, post.kind)).shown += grown(at, halfLivesMs.rhythm)
}

/** The person did something with a post. `sign` −1 takes it back. */
export function noteInteraction(
  sums: TasteSums,
  interaction: Interaction,
  post: NotedPost,
  when: When,
  sign: 1 | -1 = 1,
): void {
  noteAnswer(sums, post, when, { worth: interactionWorth[interaction], times: sign })
}

interface Worth {
  worth: number
  times: number
}

function noteAnswer(
  sums: TasteSums,
  post: NotedPost,
  { at, localHour }: When,
  { worth: each, times }: Worth,
): void {
  const worth = times * each
  if (worth === 0) return
  authorOf(sums, post.authorId).given += worth * grown(at, halfLivesMs.authors)
  for (const feature of post.features)
    answersOf(sums.features, feature).answered += worth * grown(at, halfLivesMs.features)
  // What is hidden is hidden for what it is, not for when it came.
  if (each > 0)
    answersOf(sums.rhythm, rhythmKey(localHour, post.kind)).answered += worth * grown(at, halfLivesMs.rhythm)
}

/** The person did something with the author as such: a visit, a follow, a message. */
export function noteGiven(
  sums: TasteSums,
  interaction: Interaction,
  authorId: Id,
  at: number,
  sign: 1 | -1 = 1,
): void {
  authorOf(sums, authorId).given += sign * interactionWorth[interaction] * grown(at, halfLivesMs.authors)
}

/** The author did something with the person or their posts. */
export function noteReceived(
  sums: TasteSums,
  interaction: Interaction,
  authorId: Id,
  at: number,
  sign: 1 | -1 = 1,
): void {
  authorOf(sums, authorId).received += sign * interactionWorth[interaction] * grown(at, halfLivesMs.authors)
}

export function noteTag(sums: TasteSums, tag: string, at: number): void {
  answersOf(sums.features, tagFeature(tag)).answered +=
    interactionWorth.hashtag_tap * grown(at, halfLivesMs.features)
}

/** A session from `startedAt` on; `previous` is when the one before began. */
export function noteSession(
  sums: TasteSums,
  { startedAt, lengthMs }: { startedAt: number; lengthMs: number },
  previous: number | null = sums.sessions.lastStartedAt,
): void {
  const { sessions } = sums
  const worth = grown(startedAt, halfLivesMs.sessions)
  sessions.count += worth
  sessions.lengthMs += lengthMs * worth
  if (previous !== null && startedAt > previous) {
    sessions.gaps += worth
    sessions.gapMs += (startedAt - previous) * worth
  }
  sessions.lastStartedAt = Math.max(sessions.lastStartedAt ?? 0, startedAt)
  sessions.lastEndedAt = Math.max(sessions.lastEndedAt ?? 0, startedAt + lengthMs)
}

export function authorOf(sums: TasteSums, authorId: Id): AuthorSums {
  let found = sums.authors.get(authorId)
  if (!found) {
    found = { given: 0, received: 0, shown: 0 }
    sums.authors.set(authorId, found)
  }
  return found
}

export function answersOf<Key>(map: Map<Key, AnswerSums>, key: Key): AnswerSums {
  let found = map.get(key)
  if (!found) {
    found = { answered: 0, shown: 0 }
    map.set(key, found)
  }
  return found
}
