// Ways to order a feed: the server's own ranking, called as the server calls it, and what it is compared with.
import { type RankingWeights, rankingWeights } from '../server/src/modules/feed/ranking/weights.ts'

/** What an order is made by. */
export type Method =
  | { kind: 'ranked'; weights: RankingWeights; isPersonal: boolean }
  | { kind: 'chronological' | 'counts' | 'rates'; unseenFirst: boolean }
  | { kind: 'random' }

export interface Arm {
  name: string
  method: Method
}

export type Part = keyof RankingWeights['parts']
export const parts = Object.keys(rankingWeights.parts) as Part[]

const ranked = (weights: RankingWeights, isPersonal = true): Method => ({
  kind: 'ranked',
  weights,
  isPersonal,
})

export const arms = {
  ranked: { name: 'ranked', method: ranked(rankingWeights) },
  off: { name: 'ranked, personalisation off', method: ranked(rankingWeights, false) },
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
