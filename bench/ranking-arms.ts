// Ways to order a feed: the server's own ranking, called as the server calls it, and what it is compared with.
import { type RankingWeights, rankingWeights } from '../server/src/modules/ranking/weights.ts'

/** What an order is made by. */
export type Method =
  | { kind: 'ranked'; weights: RankingWeights; isPersonal: boolean; mixesAuthors: boolean }
  | { kind: 'chronological' | 'counts' | 'rates'; unseenFirst: boolean }
  | { kind: 'random' }

export interface Arm {
  name: string
  method: Method
}

export type Part = keyof RankingWeights['parts']
export const parts = Object.keys(rankingWeights.parts) as Part[]

const ranked = (
  weights: RankingWeights,
  { isPersonal = true, mixesAuthors = true } = {},
): Method & { kind: 'ranked' } => ({ kind: 'ranked', weights, isPersonal, mixesAuthors })

export const arms = {
  ranked: { name: 'ranked', method: ranked(rankingWeights) },
  unmixed: {
    name: 'ranked, authors not mixed',
    method: ranked(rankingWeights, { mixesAuthors: false }),
  },
  off: { name: 'ranked, personalisation off', method: ranked(rankingWeights, { isPersonal: false }) },
  chronological: { name: 'chronological', method: { kind: 'chronological', unseenFirst: false } },
  counts: { name: 'engagement only, by counts', method: { kind: 'counts', unseenFirst: false } },
  rates: { name: 'engagement only, by rates', method: { kind: 'rates', unseenFirst: false } },
  unseenChronological: {
    name: 'chronological, unseen first',
    method: { kind: 'chronological', unseenFirst: true },
  },
  unseenRates: { name: 'engagement by rates, unseen first', method: { kind: 'rates', unseenFirst: true } },
  random: { name: 'by lot', method: { kind: 'random' } },
} as const satisfies Record<string, Arm>

/** The ranking without one of its parts; `rank` shares out the weight among the others. */
export function ablation(part: Part): Arm {
  const weights = { ...rankingWeights, parts: { ...rankingWeights.parts, [part]: 0 } }
  return { name: `without ${part}`, method: ranked(weights) }
}

export const allArms: readonly Arm[] = [...Object.values(arms), ...parts.map(ablation)]

/** For a second town, in which the parts are not asked for. */
export const fewArms: readonly Arm[] = [
  arms.ranked,
  arms.off,
  arms.chronological,
  arms.rates,
  arms.unseenChronological,
  arms.unseenRates,
]

const withFigures = (name: string, changed: Partial<RankingWeights>): Arm => ({
  name,
  method: ranked({ ...rankingWeights, ...changed }),
})
const { relationship, recency, seen } = rankingWeights

/** Other figures for the formulas, each by itself: where they are sensitive, and in which direction. */
export const variants: readonly Arm[] = [
  withFigures('closeness by the rate of answers alone', {
    relationship: { ...relationship, closenessShare: 0 },
  }),
  withFigures('closeness by volume alone', { relationship: { ...relationship, closenessShare: 1 } }),
  withFigures('closeness: scale × 5', { relationship: { ...relationship, scale: relationship.scale * 5 } }),
  withFigures('closeness: what is received × 2', {
    relationship: { ...relationship, receivedShare: relationship.receivedShare * 2 },
  }),
  withFigures('recency: half-life × 2', { recency: { ...recency, gaps: recency.gaps * 2 } }),
  withFigures('recency: half-life ÷ 2', { recency: { ...recency, gaps: recency.gaps / 2 } }),
  withFigures('seen: sinks to a tenth at once', { seen: { ...seen, factor: 0.1 } }),
]

/** Which orders a town lives under. */
export const armsOf = { all: allArms, few: fewArms, variants: [arms.ranked, ...variants] } as const
