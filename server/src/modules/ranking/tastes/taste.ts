import type { IdHalves } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { IdColumns } from '../candidate-columns.ts'
import { mediaKinds } from '../candidate-columns.ts'
import { featureKey } from '../facts/feature-space.ts'
import { halfLivesMs, tasteLimits } from '../weights.ts'
import { type AuthorTaste, AuthorTastes } from './author-tastes.ts'
import { createKnownFeatures, type KnownFeatures } from './known-features.ts'
import { localHourAt } from './local-time.ts'
import { type AnswerSums, faded, type TasteSums } from './taste-sums.ts'

/** Blocks of the local day in which habits are told apart. */
export const blockHours = 4
export const blocks = 24 / blockHours

export function blockAt(timeZone: string, ms: number): number {
  return Math.floor(localHourAt(timeZone, ms) / blockHours)
}

/** What is known of a viewer, in the form that `rank` reads. Never changed once made: a new one takes its place. */
export interface Taste {
  /** False: personalisation is off. Nothing but the zone is known then. */
  readonly isPersonal: boolean
  readonly timeZone: string
  /** When it was made from the sums. */
  readonly asOf: number
  readonly authors: AuthorTastes
  /** The strongest ones. What is liked of them is one direction for all posts liked before. */
  readonly features: KnownFeatures
  /** The length of that direction. */
  readonly likedNorm: number
  /** Hashtags with a positive lift, strongest first, for words to the viewer. */
  readonly tags: ReadonlyMap<string, number>
  readonly kindLifts: Float32Array
  /** Block of the day × kind of media. */
  readonly hourLifts: Float32Array
  /** Local hour → how much of the usual the viewer is here then, in [0,1]; nights when nothing is known. */
  readonly awake: Float32Array
  /** Null: not known yet. */
  readonly gapMs: number | null
  readonly sessionMs: number | null
  readonly lastEndedAt: number | null
  /** Answers per impression. */
  readonly answerRate: number
}

/** What feeds ask of whoever keeps signals. */
export interface Tastes {
  /** Knows everything that was done on purpose, and of what was looked at all but the last minute. */
  tasteOf(viewerId: Id): Promise<Taste>
  /** Undefined: not in memory, or not current. */
  peekTaste(viewerId: Id): Taste | undefined
  /** One that may lack what was added since it was made, and holds nothing that was erased: enough for saying why. */
  peekEarlierTaste(viewerId: Id): Taste | undefined
  /** What the viewer has seen lately and what they hid. It goes on counting: whoever asks sees what is noted later. */
  seenOf(viewerId: Id): Promise<SeenPosts>
  peekSeen(viewerId: Id): SeenPosts | undefined
  /** Of that only what they hid: looking at posts leaves it in memory. */
  hiddenOf(viewerId: Id): Promise<HiddenPosts>
  peekHidden(viewerId: Id): HiddenPosts | undefined
}

/** On which day a post was seen, in days since 1970. */
export interface SeenPost {
  postId: Id
  day: number
}

/** About so much memory it takes. */
export function bytesOfTaste({ authors, features, tags }: Taste): number {
  return (
    fixedTasteBytes +
    authors.bytes +
    features.keys.byteLength +
    features.figures.byteLength +
    tags.size * tagBytes
  )
}

/** Of the object, three small arrays, and all arrays without what is in them. */
const fixedTasteBytes = 2000
/** A text and its place in a Map. */
const tagBytes = 120

export interface HiddenPosts {
  /** By the halves of its id. */
  hides(post: IdHalves): boolean
}

export interface SeenPosts extends HiddenPosts {
  /** About so much memory it takes now. It grows with what is noted. */
  readonly bytes: number
  /** On how many days of late. */
  countOf(postId: Id): number
  /** Once for each day; of days before the last one that was counted nothing is. */
  note(post: SeenPost): void
  /** Both in one, of many by the halves of their ids: how often each was seen, or `hiddenCount`. */
  lookUp(ids: IdColumns, into: Uint8Array): void
}

const nightEnds = 6

export function createEmptyTaste(timeZone: string, asOf: number, isPersonal: boolean): Taste {
  return {
    isPersonal,
    timeZone,
    asOf,
    authors: new AuthorTastes(),
    features: createKnownFeatures(),
    likedNorm: 0,
    tags: new Map(),
    kindLifts: new Float32Array(mediaKinds.length),
    hourLifts: new Float32Array(blocks * mediaKinds.length),
    awake: awakeHours(new Float64Array(24)),
    gapMs: null,
    sessionMs: null,
    lastEndedAt: null,
    answerRate: tasteLimits.rate,
  }
}

export function tasteFrom(sums: TasteSums, timeZone: string, now: number): Taste {
  const kinds = mediaKinds.length
  const byKind = Array.from({ length: kinds }, none)
  const byBlock = Array.from({ length: blocks * kinds }, none)
  const here = new Float64Array(24)
  const all = none()
  for (const [key, sum] of sums.rhythm) {
    const [hour, kind] = [Math.floor(key / kinds), key % kinds]
    const answers = fadedAnswers(sum, now, halfLivesMs.rhythm)
    add(all, answers)
    add(byKind[kind]!, answers)
    add(byBlock[Math.floor(hour / blockHours) * kinds + kind]!, answers)
    // What is taken back in another time zone is taken from another hour.
    here[hour]! += answers.shown + Math.max(0, answers.answered)
  }
  const rate = (all.answered + tasteLimits.rate * tasteLimits.ratePrior) / (all.shown + tasteLimits.ratePrior)
  const kindRates = byKind.map((answers) => rateOf(answers, rate, tasteLimits.kindPrior))
  const { sessions } = sums
  return {
    isPersonal: true,
    timeZone,
    asOf: now,
    authors: authorTastes(sums, now, rate),
    ...featureTastes(sums, now, rate),
    kindLifts: Float32Array.from(kindRates, (own) => liftOf(own, rate)),
    hourLifts: Float32Array.from(byBlock, (answers, at) => {
      const usual = kindRates[at % kinds]!
      return liftOf(rateOf(answers, usual, tasteLimits.hourPrior), usual)
    }),
    awake: awakeHours(here),
    gapMs: sessions.gaps > 0 ? sessions.gapMs / sessions.gaps : null,
    sessionMs: sessions.count > 0 ? sessions.lengthMs / sessions.count : null,
    lastEndedAt: sessions.lastEndedAt,
    answerRate: rate,
  }
}

function authorTastes({ authors }: TasteSums, now: number, rate: number): AuthorTastes {
  const tastes = new Map<Id, AuthorTaste>()
  for (const [id, sums] of authors) {
    const given = faded(sums.given, now, halfLivesMs.authors)
    const shown = faded(sums.shown, now, halfLivesMs.authors)
    tastes.set(id, {
      given,
      received: faded(sums.received, now, halfLivesMs.authors),
      lift: liftOf(rateOf({ answered: given, shown }, rate, tasteLimits.authorPrior), rate),
    })
  }
  return new AuthorTastes(tastes)
}

function featureTastes(sums: TasteSums, now: number, rate: number) {
  const known = [...sums.features].map(([feature, sum]) => {
    const answers = fadedAnswers(sum, now, halfLivesMs.features)
    const lift = liftOf(rateOf(answers, rate, tasteLimits.featurePrior), rate)
    return { feature, lift, liked: Math.max(0, answers.answered) * Math.max(0, lift) }
  })
  const strength = ({ lift, liked }: (typeof known)[number]) => Math.abs(lift) + Math.log1p(liked)
  known.sort((a, b) => strength(b) - strength(a))
  const kept = known.slice(0, tasteLimits.features)
  return {
    features: createKnownFeatures(
      kept.map(({ feature, lift, liked }) => ({ key: featureKey(feature), lift, liked })),
    ),
    likedNorm: Math.hypot(...kept.map(({ liked }) => liked)),
    tags: new Map(
      kept
        .filter(({ feature, lift, liked }) => feature.startsWith('t:') && lift > 0 && liked > 0)
        .map(({ feature, lift }) => [feature.slice(2), lift]),
    ),
  }
}

function none(): AnswerSums {
  return { answered: 0, shown: 0 }
}

function add(to: AnswerSums, { answered, shown }: AnswerSums): void {
  to.answered += answered
  to.shown += shown
}

function fadedAnswers({ answered, shown }: AnswerSums, now: number, halfLifeMs: number): AnswerSums {
  return { answered: faded(answered, now, halfLifeMs), shown: faded(shown, now, halfLifeMs) }
}

/** Of few impressions the rate leans on the usual one. What was hidden counts as never answered. */
function rateOf({ answered, shown }: AnswerSums, usual: number, prior: number): number {
  return Math.max(0, answered + usual * prior) / (Math.max(0, shown) + prior)
}

function liftOf(rate: number, usual: number): number {
  const lift = Math.log(Math.max(rate, 1e-9) / usual)
  return Math.min(tasteLimits.lift, Math.max(-tasteLimits.lift, lift))
}

/** An hour counts fully in which the viewer is here at least as much as on average; a few days' worth is needed. */
function awakeHours(here: Float64Array): Float32Array {
  const total = here.reduce((sum, value) => sum + value, 0)
  const awake = new Float32Array(24)
  const known = total / (total + 50)
  for (let hour = 0; hour < 24; hour++) {
    const around = (here[(hour + 23) % 24]! + 2 * here[hour]! + here[(hour + 1) % 24]!) / 4
    const learned = total > 0 ? Math.min(1, (around * 24) / total) : 0
    const usual = hour < nightEnds ? 0 : 1
    awake[hour] = known * learned + (1 - known) * usual
  }
  return awake
}
