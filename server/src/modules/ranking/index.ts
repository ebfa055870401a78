export {
  type CandidateColumns,
  createCandidateColumns,
  createScores,
  type IdColumns,
  isFavourite,
  isOwn,
  mediaKinds,
  type PartColumns,
  type Scores,
  setPost,
} from './candidate-columns.ts'
export { featureKeys } from './facts/feature-space.ts'
export { createFeatureTable, nowhere, type TabledPost } from './facts/feature-table.ts'
export type { PostFacts } from './facts/post-facts.ts'
export {
  createPostFeatures,
  type PeekedFeatures,
  type PostFeaturesStore,
  type RankedPost,
} from './facts/post-features.ts'
export { qualityWithoutLikes } from './facts/quality.ts'
export { leaveOutLikes, rank } from './rank.ts'
export { ReasonMember } from './reasons/reason-json.ts'
export { type ReasonPost, reasonOf, usualAmong } from './reasons/reasons.ts'
export type { ReasonLanguage } from './reasons/sentences.ts'
export { localHourAt } from './tastes/local-time.ts'
export { createSeenPosts, hiddenCount } from './tastes/seen-posts.ts'
export {
  bytesOfTaste,
  createEmptyTaste,
  type HiddenPosts,
  type SeenPost,
  type SeenPosts,
  type Taste,
  type Tastes,
  tasteFrom,
} from './tastes/taste.ts'
export {
  createTasteSums,
  grown,
  type Interaction,
  noteGiven,
  noteInteraction,
  noteReceived,
  noteSession,
  noteShown,
  noteTag,
  rhythmKey,
  type TasteSums,
} from './tastes/taste-sums.ts'
export { halfLivesMs, rankingWeights } from './weights.ts'
