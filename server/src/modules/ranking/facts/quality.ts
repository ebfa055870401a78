import type { QualityWeights } from '../weights.ts'
import { rankingWeights } from '../weights.ts'

export interface PostAttention {
  likes: number
  comments: number
  shares: number
  /** People-days on which it was shown to others than its author. */
  impressions: number
  /** Sum over those impressions that told it, and how many they were. */
  dwellMs: number
  dwells: number
  /** 0: nothing found; 1: surely not for everybody. */
  moderation: number
}

/**
 * In [0,1], the same for every viewer, so computed when a count changes and not when somebody reads. A post that nobody
 * saw yet stands where an average one does.
 */
export function qualityOf(post: PostAttention, weights: QualityWeights = rankingWeights.quality): number {
  const { priorRate, priorImpressions, priorDwellMs, priorDwells } = weights
  const answers = weights.like * post.likes + weights.comment * post.comments + weights.share * post.shares
  // Above 1 where people answer without telling what they saw; what is made of it is bounded.
  const rate = (answers + priorRate * priorImpressions) / (post.impressions + priorImpressions)
  const dwell = (post.dwellMs + priorDwellMs * priorDwells) / (post.dwells + priorDwells)
  const popularity = Math.min(1, Math.log1p(post.likes) / Math.log1p(weights.popularLikes))
  const worth =
    weights.rates * (rate / (rate + priorRate)) +
    weights.dwell * (dwell / (dwell + priorDwellMs)) +
    weights.popularity * popularity
  const whole = weights.rates + weights.dwell + weights.popularity
  return (worth / whole) * (1 - weights.moderation * Math.min(1, Math.max(0, post.moderation)))
}

/** Of a post that nobody has seen. */
export const noAttention: Readonly<PostAttention> = {
  likes: 0,
  comments: 0,
  shares: 0,
  impressions: 0,
  dwellMs: 0,
  dwells: 0,
  moderation: 0,
}

/** The quality it would have if nobody liked it. */
export function qualityWithoutLikes(post: Readonly<PostAttention> = noAttention): number {
  return qualityOf({ ...post, likes: 0 })
}
