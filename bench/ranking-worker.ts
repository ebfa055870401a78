// A thread of scenario "ranking": lives one town's week under several orders of the feed.
import { parentPort } from 'node:worker_threads'
import { armsOf } from './ranking-arms.ts'
import { drawPopulation, type PopulationSize } from './ranking-population.ts'
import { createTown, liveWeek, type WeekFigures } from './ranking-week.ts'

export interface WeekTask {
  size: PopulationSize
  seed: number
  arms: keyof typeof armsOf
}

/** By the arm's name. */
export type WeekResult = Record<string, WeekFigures>

export function liveAll({ size, seed, arms }: WeekTask): WeekResult {
  const town = createTown(drawPopulation(size, seed))
  return Object.fromEntries(armsOf[arms].map((arm) => [arm.name, liveWeek(town, arm)]))
}

parentPort?.on('message', (task: WeekTask) => parentPort?.postMessage(liveAll(task)))
