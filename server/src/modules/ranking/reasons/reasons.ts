import type { IdHalves } from '#platform/ids/id-halves.ts'
import type { PartColumns } from '../candidate-columns.ts'
import { isFavourite, isOwn, mediaKinds, scoreParts } from '../candidate-columns.ts'
import { unknownAuthor } from '../tastes/author-tastes.ts'
import { likedOf } from '../tastes/known-features.ts'
import { blockAt, type Taste } from '../tastes/taste.ts'
import {
  interactionWorth,
  type RankingWeights,
  rankingWeights,
  sentenceBars,
  tasteLimits,
} from '../weights.ts'
import { type ReasonLanguage, type Sentences, sentences } from './sentences.ts'

/** What is asked of a post to say why it is there. */
export interface ReasonPost {
  readonly author: IdHalves
  readonly authorName: string
  /** `isOwn`, `isFavourite`. */
  readonly flags: number
  /** Index in `mediaKinds`. */
  readonly kind: number
  readonly publishedAt: number
  /** All asked for by few. */
  features(): Uint16Array
  hashtags(): readonly string[]
  /** Without the author's own; 0 where that is not known, or not told to this reader. */
  likes(): number
}

/** Of each part in the order of `scoreParts`. */
export type PartFigures = Readonly<Figures>
type Figures = [number, number, number, number, number]

/** Where each part stands for a post of which nothing is known: what is above that is a reason. */
function neutralOf({ relationship, interest }: RankingWeights): PartFigures {
  const { topics, kind, likeness } = interest
  const interested = (topics + kind) / 2 / (topics + kind + likeness)
  return [(1 - relationship.closenessShare) / 2, interested, 0.35, 0.42, 0.45]
}

const usualNeutral = neutralOf(rankingWeights)

/** Posts besides this one that weigh as much as what is thought of posts in general. */
const neutralPosts = 5

/**
 * Where each part usually stands among the rows that are shown together: on a young server everything is recent, and
 * that is no reason for one post rather than for another. Of few posts nothing is learnt.
 */
export function usualAmong(
  { relationship, interest, recency, quality, activity }: PartColumns,
  rows: readonly number[],
  weights: RankingWeights = rankingWeights,
): PartFigures {
  const neutral = weights === rankingWeights ? usualNeutral : neutralOf(weights)
  let related = neutral[0] * neutralPosts
  let interested = neutral[1] * neutralPosts
  let recent = neutral[2] * neutralPosts
  let good = neutral[3] * neutralPosts
  let active = neutral[4] * neutralPosts
  for (let nth = 0; nth < rows.length; nth++) {
    const row = rows[nth]!
    related += relationship[row]!
    interested += interest[row]!
    recent += recency[row]!
    good += quality[row]!
    active += activity[row]!
  }
  const count = neutralPosts + rows.length
  return [related / count, interested / count, recent / count, good / count, active / count]
}

export interface ReasonGiven {
  taste: Taste
  now: number
  language: ReasonLanguage
  usual: PartFigures
  weights?: RankingWeights
}

/**
 * A sentence, as JSON, from what lifts the post most above those it is shown with, by the viewer's own doings, by what
 * everybody can see or by sums over many: never what another person did.
 */
export function reasonOf(scores: PartColumns, row: number, post: ReasonPost, given: ReasonGiven): Buffer {
  const words = sentences[given.language]
  if (post.flags & isOwn) return words.own
  weigh(scores, row, given.usual, given.weights ?? rankingWeights)
  for (let part = highest(); part >= 0; part = highest()) {
    const sentence = sentenceOf(part, post, given, words)
    if (sentence !== null) return sentence
    lifts[part] = 0
  }
  return words.followed(post.authorName)
}

/** A part as it is told, in thousandths. */
export function thousandths(part: number): number {
  return Math.round(part * 1000)
}

// Used within one call, which never waits.
const lifts: Figures = [0, 0, 0, 0, 0]

/** What each part adds to the post above the others; 0 where it is no reason. */
function weigh(scores: PartColumns, row: number, usual: PartFigures, weights: RankingWeights): void {
  const neutral = weights === rankingWeights ? usualNeutral : neutralOf(weights)
  const { parts } = weights
  lifts[0] = liftOf(scores.relationship[row]!, neutral[0], usual[0], parts.relationship)
  lifts[1] = liftOf(scores.interest[row]!, neutral[1], usual[1], parts.interest)
  lifts[2] = liftOf(scores.recency[row]!, neutral[2], usual[2], parts.recency)
  lifts[3] = liftOf(scores.quality[row]!, neutral[3], usual[3], parts.quality)
  lifts[4] = liftOf(scores.activity[row]!, neutral[4], usual[4], parts.activity)
}

function liftOf(part: number, neutral: number, usual: number, weight: number): number {
  const told = thousandths(part) / 1000
  return told > neutral ? Math.max(0, weight * (told - usual)) : 0
}

/** -1: none is above 0. */
function highest(): number {
  let best = -1
  for (let part = 0; part < lifts.length; part++)
    if (lifts[part]! > (best < 0 ? 0 : lifts[best]!)) best = part
  return best
}

/** Null: the part is high for something that has no plain words. */
function sentenceOf(
  nth: number,
  post: ReasonPost,
  { taste, now }: ReasonGiven,
  words: Sentences,
): Buffer | null {
  const part = scoreParts[nth]
  if (part === 'relationship') {
    if (post.flags & isFavourite) return words.favourite(post.authorName)
    return respondedTo(post.author, taste) >= sentenceBars.often ? words.close(post.authorName) : null
  }
  if (part === 'interest') {
    const tag = taste.tags.size === 0 ? null : bestTag(taste, post.hashtags())
    if (tag !== null) return words.hashtag(tag)
    if (taste.kindLifts[post.kind]! > 0.2) return words.kinds[mediaKinds[post.kind]!]
    return isLikeLiked(post.features(), taste) ? words.alike : null
  }
  if (part === 'recency') {
    const last = taste.lastEndedAt
    return last !== null && post.publishedAt > last ? words.sinceVisit : words.recent
  }
  if (part === 'quality') return post.likes() >= sentenceBars.popularLikes ? words.popular : null
  const fits = taste.hourLifts[blockAt(taste.timeZone, now) * mediaKinds.length + post.kind]!
  return fits > 0.1 ? words.hour : null
}

/**
 * What was given without looking, at the least: sums tell no longer what was looked at, but how often something was shown
 * follows from how often it is answered.
 */
function respondedTo({ hi, lo }: IdHalves, { authors, answerRate }: Taste): number {
  const known = authors.find(hi, lo)
  if (known === unknownAuthor) return 0
  const given = authors.given(known)
  const prior = tasteLimits.authorPrior
  const shown = (given + answerRate * prior) / (answerRate * Math.exp(authors.lift(known))) - prior
  return given - interactionWorth.dwell * Math.max(0, shown)
}

function isLikeLiked(features: Uint16Array, { features: known }: Taste): boolean {
  for (const key of features) {
    if (key === 0) return false
    if (likedOf(known, key) > 0) return true
  }
  return false
}

function bestTag({ tags }: Taste, hashtags: readonly string[]): string | null {
  let best: string | null = null
  for (const tag of hashtags)
    if (tags.has(tag) && (best === null || tags.get(tag)! > tags.get(best)!)) best = tag
  return best
}
