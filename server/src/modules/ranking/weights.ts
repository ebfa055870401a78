/**
 * All figures of the ranking, as data: an experiment's arm is another object of this shape, handed to `rank`.
 *
 * Sources. *Study*: the weights of the five parts, and what belongs to which ("Feed Generation Algorithm").
 * *Forward decay* (Cormode et al., ICDE 2009): sums that fade, kept so that they can be added to in any order.
 * *Beta-binomial shrinkage* (Gelman et al., Bayesian Data Analysis, ch. 5): a rate of few trials leans on the
 * rate of all. *Here*: chosen by us, in simulated towns (seeds 7000 to 7003) that are none of those by which
 * `npm run bench -- ranking` judges; it prints what each part is worth.
 */
export interface RankingWeights {
  readonly parts: {
    readonly relationship: number
    readonly interest: number
    readonly recency: number
    readonly quality: number
    readonly activity: number
  }
  readonly relationship: {
    /** Weighted, faded interactions at which closeness is 1 − 1/e. */
    readonly scale: number
    /** What theirs towards the viewer counts, of what one's own counts. */
    readonly receivedShare: number
    /** Closeness against how often their posts are answered when shown. */
    readonly closenessShare: number
    /** How much of what is missing to 1 a favourite is given. */
    readonly favourite: number
    /** Nobody is close to oneself: where one's own posts stand. */
    readonly own: number
  }
  readonly interest: {
    /** Shares of the three: hashtags, words and places; the kind of media; likeness to what was liked. */
    readonly topics: number
    readonly kind: number
    readonly likeness: number
    /** The cosine at which likeness is 1 − 1/e: of a post with one of ten things liked it is 0.3. */
    readonly likenessScale: number
  }
  readonly recency: {
    /** Half-life as a multiple of the usual gap between sessions, or of the absence when that is longer. */
    readonly gaps: number
    readonly minHalfLifeMs: number
    readonly maxHalfLifeMs: number
    /** Of somebody whose rhythm is not known. */
    readonly defaultGapMs: number
    /** What an hour counts in which the viewer is never here, of one that counts fully. */
    readonly quietHour: number
  }
  readonly quality: QualityWeights
  readonly activity: {
    readonly hour: number
    readonly length: number
    readonly habit: number
    /** Share of the usual session that one post takes before it is too long. */
    readonly sessionShare: number
    readonly defaultSessionMs: number
    /** Likes per impression at which somebody counts half as a frequent liker. */
    readonly habitRate: number
  }
  /** Each time it was seen multiplies the score by this, down to the floor. */
  readonly seen: { readonly factor: number; readonly floor: number }
}

export interface QualityWeights {
  readonly rates: number
  readonly dwell: number
  readonly popularity: number
  /** What one of each counts in the rate of answers per impression. */
  readonly like: number
  readonly comment: number
  readonly share: number
  /** The rate that is taken for granted, and after how many impressions the post's own counts as much. */
  readonly priorRate: number
  readonly priorImpressions: number
  readonly priorDwellMs: number
  readonly priorDwells: number
  /** Likes at which popularity is full; it grows with their logarithm. */
  readonly popularLikes: number
  /** How much of quality the highest moderation score takes. */
  readonly moderation: number
}

const hourMs = 60 * 60 * 1000

export const rankingWeights: RankingWeights = {
  // Study.
  parts: { relationship: 30, interest: 25, recency: 20, quality: 15, activity: 10 },
  // Here: forty likes in a month make somebody close. At six, whoever posts most seems close; and how often somebody is
  // answered says more than how much there was to answer.
  relationship: { scale: 40, receivedShare: 0.5, closenessShare: 0.3, favourite: 0.6, own: 0.5 },
  interest: { topics: 0.6, kind: 0.2, likeness: 0.2, likenessScale: 0.3 },
  // Here: what came since the last visit keeps more than half its worth; the bounds keep a habit of minutes, or of
  // months, from making the part all or nothing.
  recency: {
    gaps: 1.5,
    minHalfLifeMs: 4 * hourMs,
    maxHalfLifeMs: 7 * 24 * hourMs,
    defaultGapMs: 12 * hourMs,
    quietHour: 0.35,
  },
  quality: {
    rates: 0.6,
    dwell: 0.2,
    popularity: 0.2,
    like: 1,
    comment: 2,
    share: 3,
    priorRate: 0.15,
    priorImpressions: 20,
    priorDwellMs: 3000,
    priorDwells: 10,
    popularLikes: 10_000,
    moderation: 0.8,
  },
  activity: {
    hour: 0.4,
    length: 0.3,
    habit: 0.3,
    sessionShare: 0.1,
    defaultSessionMs: 5 * 60 * 1000,
    habitRate: 0.1,
  },
  // Here: hardly anybody comes to see the same again.
  seen: { factor: 0.2, floor: 0.05 },
}

/** How fast what is known of a person fades. Part of how sums are kept: changing one needs them made anew. */
export const halfLivesMs = {
  authors: 30 * 24 * hourMs,
  features: 60 * 24 * hourMs,
  rhythm: 60 * 24 * hourMs,
  sessions: 30 * 24 * hourMs,
} as const

/** What each interaction counts: the dearer to the one who does it, the more. Study: what counts; here: how much. */
export const interactionWorth = {
  like: 1,
  comment: 2,
  save: 2,
  share: 2.5,
  follow: 1,
  profile_visit: 0.5,
  hashtag_tap: 1,
  /** Being looked at for as long as `longDwellMs`, or a part of it for a part of that. */
  dwell: 0.3,
  story_view: 0.3,
  story_reaction: 1,
  message: 2,
  hide: -2,
} as const
export const longDwellMs = 10_000

/** Here: from where on words about a post are true. They change nothing of its place. */
export const sentenceBars = {
  /** Given to an author without what looking gives: a follow, two visits and four likes, faded. */
  often: 6,
  /** Likes, one of which may be the viewer's own. */
  popularLikes: 4,
} as const

export const tasteLimits = {
  /** What is kept of a person's hashtags, words and places; the weakest go first. */
  features: 400,
  /** Impressions after which a rate of their own counts as much as that of everything they see. */
  authorPrior: 5,
  featurePrior: 8,
  kindPrior: 10,
  hourPrior: 15,
  /** Natural logarithm: nothing counts for more than about seven times the usual, or a seventh. */
  lift: 2,
  /** Taken for the rate of answers of somebody of whom nothing is known, and how many impressions that is worth. */
  rate: 0.15,
  ratePrior: 20,
} as const
