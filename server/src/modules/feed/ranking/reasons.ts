import type { Id } from '#platform/ids/ids.ts'
import type { CandidateColumns, PartColumns, ScorePart } from './candidate-columns.ts'
import { featuresPerPost, isFavourite, isOwn, mediaKinds, scoreParts } from './candidate-columns.ts'
import { blockAt, type Taste } from './taste.ts'
import { type RankingWeights, rankingWeights } from './weights.ts'

export type ReasonLanguage = 'en' | 'de'

/** What words need beside the numbers. */
export interface ReasonAbout {
  authorName: string
  /** Asked for by few. */
  hashtags(): readonly string[]
}

/** What is asked of a post to say why it is there. */
export interface ReasonPost {
  readonly authorId: Id
  /** `isOwn`, `isFavourite`. */
  readonly flags: number
  /** Index in `mediaKinds`. */
  readonly kind: number
  readonly publishedAt: number
  /** Asked for by few. */
  features(): Uint16Array
}

export interface Reason {
  parts: Record<ScorePart, number>
  text: string
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
  let [related, interested, recent, good, active] = neutral.map((part) => part * neutralPosts) as Figures
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

/**
 * A sentence from what lifts the post most above those it is shown with, by the viewer's own doings, by what everybody can see or by sums over many: never
 * what another person did.
 */
export function reasonFor(
  columns: CandidateColumns,
  row: number,
  scores: PartColumns,
  taste: Taste,
  now: number,
  about: ReasonAbout,
  language: ReasonLanguage,
  usual: PartFigures,
  weights: RankingWeights = rankingWeights,
): Reason {
  const given = { taste, now, about, language, usual, weights }
  return reasonOf(partsOf(scores, row), postAt(columns, row), given)
}

export interface ReasonGiven {
  taste: Taste
  now: number
  about: ReasonAbout
  language: ReasonLanguage
  usual: PartFigures
  weights?: RankingWeights
}

/** The same of a post that lies elsewhere. */
export function reasonOf(
  parts: Record<ScorePart, number>,
  post: ReasonPost,
  { taste, now, about, language, usual, weights = rankingWeights }: ReasonGiven,
): Reason {
  const words = sentences[language]
  if (post.flags & isOwn) return { parts, text: words.own }
  weigh(parts, usual, weights)
  for (let part = highest(); part >= 0; part = highest()) {
    const text = sentenceOf(scoreParts[part]!, { post, taste, now, about, words })
    if (text !== null) return { parts, text }
    lifts[part] = 0
  }
  return { parts, text: words.followed(about.authorName) }
}

export function postAt(columns: CandidateColumns, row: number): ReasonPost {
  const author = columns.author[row]!
  return {
    authorId: columns.authorIds[author]!,
    flags: columns.authorFlags[author]!,
    kind: columns.kind[row]!,
    publishedAt: columns.publishedAt[row]!,
    features: () => columns.features.subarray(row * featuresPerPost, (row + 1) * featuresPerPost),
  }
}

// Used within one call, which never waits.
const lifts: Figures = [0, 0, 0, 0, 0]

/** What each part adds to the post above the others; 0 where it is no reason. */
function weigh(parts: Record<ScorePart, number>, usual: PartFigures, weights: RankingWeights): void {
  const neutral = weights === rankingWeights ? usualNeutral : neutralOf(weights)
  for (let nth = 0; nth < lifts.length; nth++) {
    const part = scoreParts[nth]!
    const figure = parts[part]
    lifts[nth] = figure > neutral[nth]! ? Math.max(0, weights.parts[part] * (figure - usual[nth]!)) : 0
  }
}

/** -1: none is above 0. */
function highest(): number {
  let best = -1
  for (let part = 0; part < lifts.length; part++)
    if (lifts[part]! > (best < 0 ? 0 : lifts[best]!)) best = part
  return best
}

export function partsOf(scores: PartColumns, row: number): Record<ScorePart, number> {
  return {
    relationship: rounded(scores.relationship[row]!),
    interest: rounded(scores.interest[row]!),
    recency: rounded(scores.recency[row]!),
    quality: rounded(scores.quality[row]!),
    activity: rounded(scores.activity[row]!),
  }
}

function rounded(part: number): number {
  return Math.round(part * 1000) / 1000
}

interface Case {
  post: ReasonPost
  taste: Taste
  now: number
  about: ReasonAbout
  words: Sentences
}

/** Null: the part is high for something that has no plain words. */
function sentenceOf(part: ScorePart, each: Case): string | null {
  const { post, taste, now, about, words } = each
  if (part === 'relationship') {
    if (post.flags & isFavourite) return words.favourite(about.authorName)
    const known = taste.authors.get(post.authorId)
    return known && known.given > 0 ? words.close(about.authorName) : null
  }
  if (part === 'interest') {
    const tag = taste.tags.size === 0 ? null : bestTag(taste, about.hashtags())
    if (tag !== null) return words.hashtag(tag)
    if (taste.kindLifts[post.kind]! > 0.2) return words.kinds[mediaKinds[post.kind]!]
    return isLikeLiked(post.features(), taste) ? words.alike : null
  }
  if (part === 'recency') {
    const last = taste.lastEndedAt
    return last !== null && post.publishedAt > last ? words.sinceVisit : words.recent
  }
  if (part === 'quality') return words.popular
  const fits = taste.hourLifts[blockAt(taste.timeZone, now) * mediaKinds.length + post.kind]!
  return fits > 0.1 ? words.hour : null
}

function isLikeLiked(features: Uint16Array, { likedKeys }: Taste): boolean {
  for (const key of features) {
    if (key === 0) return false
    if (likedKeys.has(key)) return true
  }
  return false
}

function bestTag({ tags }: Taste, hashtags: readonly string[]): string | null {
  let best: string | null = null
  for (const tag of hashtags)
    if (tags.has(tag) && (best === null || tags.get(tag)! > tags.get(best)!)) best = tag
  return best
}

interface Sentences {
  own: string
  followed(name: string): string
  favourite(name: string): string
  close(name: string): string
  hashtag(tag: string): string
  kinds: Record<(typeof mediaKinds)[number], string>
  alike: string
  sinceVisit: string
  recent: string
  popular: string
  hour: string
}

const sentences: Record<ReasonLanguage, Sentences> = {
  en: {
    own: 'Your own post',
    followed: (name) => `You follow ${name}`,
    favourite: (name) => `${name} is one of your favourites`,
    close: (name) => `You often respond to ${name}`,
    hashtag: (tag) => `You like #${tag}`,
    kinds: {
      photo: 'You like photos',
      carousel: 'You like posts with several pictures',
      short_video: 'You like short videos',
      long_video: 'You like long videos',
    },
    alike: 'Similar to posts you liked',
    sinceVisit: 'New since your last visit',
    recent: 'Posted recently',
    popular: 'Popular with people who saw it',
    hour: 'Fits what you look at around this time',
  },
  de: {
    own: 'Dein eigener Beitrag',
    followed: (name) => `Du folgst ${name}`,
    favourite: (name) => `${name} gehört zu deinen Favoriten`,
    close: (name) => `Du reagierst oft auf ${name}`,
    hashtag: (tag) => `Du magst #${tag}`,
    kinds: {
      photo: 'Du magst Fotos',
      carousel: 'Du magst Beiträge mit mehreren Bildern',
      short_video: 'Du magst kurze Videos',
      long_video: 'Du magst lange Videos',
    },
    alike: 'Ähnlich wie Beiträge, die dir gefallen haben',
    sinceVisit: 'Neu seit deinem letzten Besuch',
    recent: 'Vor Kurzem geteilt',
    popular: 'Beliebt bei allen, die ihn gesehen haben',
    hour: 'Passt zu dem, was du um diese Zeit ansiehst',
  },
}
