import {
  type CandidateColumns,
  createScores,
  featuresPerPost,
  isFavourite,
  isOwn,
  mediaKinds,
  type PartColumns,
  type Scores,
} from './candidate-columns.ts'
import { unknownAuthor } from './tastes/author-tastes.ts'
import { hourOf, offsetAt } from './tastes/local-time.ts'
import { blockAt, type Taste } from './tastes/taste.ts'
import { halfLivesMs, type RankingWeights, rankingWeights } from './weights.ts'

const hourMs = 60 * 60 * 1000
/** Quiet hours are looked at one by one so far back; before that by their mean. */
const agedHours = 14 * 24

// Used within one call, which never waits: one set for the process is enough.
const aged = new Float64Array(agedHours + 1)
const kindOdds = new Float64Array(mediaKinds.length)
const hourOdds = new Float64Array(mediaKinds.length)
let ofAuthors = new Float32Array(512)
let habitOfAuthors = new Float32Array(512)

/**
 * Scores and parts of candidates for one viewer at one moment; pure. Its cost is 500 candidates in about 40 µs
 * (`npm run bench -- ranking`), and it makes nothing but what `into` lacks.
 */
export function rank(
  columns: CandidateColumns,
  taste: Taste,
  now: number,
  weights: RankingWeights = rankingWeights,
  into: Scores = createScores(columns.count),
): Scores {
  const { count } = columns
  const { parts } = weights
  const total = parts.relationship + parts.interest + parts.recency + parts.quality + parts.activity
  rankAuthors(columns, taste, now, weights)
  const halfLife = halfLifeOf(taste, now, weights)
  ageHours(taste, now, weights)
  const kinds = mediaKinds.length
  const block = blockAt(taste.timeZone, now)
  const { interest, activity } = weights
  const tooLong = ((taste.sessionMs ?? activity.defaultSessionMs) / 1000) * activity.sessionShare
  const often = oftenLikes(taste, activity)
  const isPersonal = taste.isPersonal
  const fading = -Math.LN2 / halfLife
  const { features, featuresAt } = columns
  const { keys, figures } = taste.features
  const mask = keys.length - 1
  for (let kind = 0; kind < kinds; kind++) {
    kindOdds[kind] = sigmoid(taste.kindLifts[kind]!)
    hourOdds[kind] = sigmoid(taste.hourLifts[block * kinds + kind]!)
  }

  for (let row = 0; row < count; row++) {
    const author = columns.author[row]!
    const kind = columns.kind[row]!
    const quality = columns.quality[row]!
    const recency = Math.exp(ageOf(now - columns.publishedAt[row]!) * fading)
    let related = 0
    let interested = 0
    let active = 0
    if (isPersonal) {
      related = ofAuthors[author]!
      // Interest: what it is about, what kind it is, how like what was liked.
      let lift = 0
      let dot = 0
      let about = 0
      const from = featuresAt[row]!
      for (; about < featuresPerPost; about++) {
        const key = features[from + about]!
        if (key === 0) break
        let place = key & mask
        while (keys[place] !== key && keys[place] !== 0) place = (place + 1) & mask
        lift += figures[place * 2]!
        dot += figures[place * 2 + 1]!
      }
      const root = about > 1 ? Math.sqrt(about) : 1
      const likeness = dot > 0 ? 1 - Math.exp(-dot / (root * taste.likedNorm * interest.likenessScale)) : 0
      interested =
        (interest.topics * sigmoid(lift / root) +
          interest.kind * kindOdds[kind]! +
          interest.likeness * likeness) /
        (interest.topics + interest.kind + interest.likeness)
      // Activity: this hour, a session of the usual length, and how readily they like.
      const fits = hourOdds[kind]!
      const length = tooLong / (tooLong + columns.seconds[row]!)
      const habit = often * quality + (1 - often) * habitOfAuthors[author]!
      active =
        (activity.hour * fits + activity.length * length + activity.habit * habit) /
        (activity.hour + activity.length + activity.habit)
    }
    into.relationship[row] = related
    into.interest[row] = interested
    into.recency[row] = recency
    into.quality[row] = quality
    into.activity[row] = active
    const score =
      (parts.relationship * related +
        parts.interest * interested +
        parts.recency * recency +
        parts.quality * quality +
        parts.activity * active) /
      total
    const seen = columns.seen[row]!
    into.score[row] = seen === 0 ? score : score * Math.max(weights.seen.floor, weights.seen.factor ** seen)
  }
  return into
}

function oftenLikes(
  { answerRate }: Pick<Taste, 'answerRate'>,
  { habitRate }: RankingWeights['activity'],
): number {
  return answerRate / (answerRate + habitRate)
}

/**
 * Into the parts of a row goes a quality that was made without its likes, also where activity has it from quality. For telling:
 * the score stays.
 */
export function leaveOutLikes(
  { quality, activity }: PartColumns,
  row: number,
  withoutLikes: number,
  taste: Pick<Taste, 'answerRate' | 'isPersonal'>,
  { activity: shares }: RankingWeights = rankingWeights,
): void {
  if (taste.isPersonal) {
    const habit = shares.habit / (shares.hour + shares.length + shares.habit)
    activity[row]! += habit * oftenLikes(taste, shares) * (withoutLikes - quality[row]!)
  }
  quality[row] = withoutLikes
}

/** The part that is the same for all posts of an author, in [0,1]. */
function rankAuthors(columns: CandidateColumns, taste: Taste, now: number, weights: RankingWeights): void {
  const { authorCount, authorHi, authorLo, authorFlags } = columns
  if (ofAuthors.length < authorCount) {
    ofAuthors = new Float32Array(authorCount * 2)
    habitOfAuthors = new Float32Array(authorCount * 2)
  }
  const { relationship } = weights
  const { authors } = taste
  const fading = 2 ** -((now - taste.asOf) / halfLivesMs.authors)
  for (let at = 0; at < authorCount; at++) {
    const known = authors.size === 0 ? unknownAuthor : authors.find(authorHi[at]!, authorLo[at]!)
    const flags = authorFlags[at]!
    const readily = known === unknownAuthor ? 0.5 : sigmoid(authors.lift(known))
    let part = relationship.own
    if ((flags & isOwn) === 0) {
      const close = known === unknownAuthor ? 0 : closenessOf(taste, known, fading, relationship)
      part = relationship.closenessShare * close + (1 - relationship.closenessShare) * readily
      if (flags & isFavourite) part += (1 - part) * relationship.favourite
    }
    ofAuthors[at] = part
    habitOfAuthors[at] = readily
  }
}

function closenessOf(
  { authors }: Taste,
  known: number,
  fading: number,
  { receivedShare, scale }: RankingWeights['relationship'],
): number {
  const volume = (authors.given(known) + receivedShare * authors.received(known)) * fading
  return volume > 0 ? 1 - Math.exp(-volume / scale) : 0
}

/** In the viewer's own rhythm: who comes once a week still finds the week's best, who comes hourly what is new. */
export function halfLifeOf(taste: Taste, now: number, { recency }: RankingWeights): number {
  const gap = taste.gapMs ?? recency.defaultGapMs
  const absence = taste.lastEndedAt === null ? 0 : now - taste.lastEndedAt
  const halfLife = Math.max(gap, absence) * recency.gaps
  return Math.min(recency.maxHalfLifeMs, Math.max(recency.minHalfLifeMs, halfLife))
}

/** Fills `aged`: what the last n hours count together, quiet ones less, by the viewer's clock. */
function ageHours({ timeZone, awake }: Taste, now: number, { recency }: RankingWeights): void {
  const offset = offsetAt(timeZone, now)
  // Clocks are rarely changed; only then is each hour asked for.
  const steady = offset === offsetAt(timeZone, now - agedHours * hourMs)
  for (let back = 0; back < agedHours; back++) {
    if (steady && back >= 24) {
      // Each day is like the last.
      aged[back + 1] = aged[back]! + aged[back - 23]! - aged[back - 24]!
      continue
    }
    const middle = now - (back + 0.5) * hourMs
    const hour = hourOf(middle + (steady ? offset : offsetAt(timeZone, middle)))
    aged[back + 1] = aged[back]! + (recency.quietHour + (1 - recency.quietHour) * awake[hour]!) * hourMs
  }
}

/** An age in hours that count. */
function ageOf(ms: number): number {
  if (ms <= 0) return 0
  const hours = ms / hourMs
  if (hours >= agedHours) return aged[agedHours]! * (hours / agedHours)
  const whole = Math.floor(hours)
  return aged[whole]! + (aged[whole + 1]! - aged[whole]!) * (hours - whole)
}

function sigmoid(x: number): number {
  // Of most posts and authors nothing is known.
  return x === 0 ? 0.5 : 1 / (1 + Math.exp(-x))
}
