import { Histogram } from 'prom-client'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { BarrierEnd } from './barrier.ts'
import type { KeptFigures } from './kept.ts'

interface Watched {
  metrics: Metrics
  isCurrent(): boolean
  kept(): KeptFigures[]
}

export interface CoherenceFigures {
  beginWait(): (end: BarrierEnd) => void
}

export function watchCoherence({ metrics, isCurrent, kept }: Watched): CoherenceFigures {
  const waits = new Histogram({
    name: 'heliograph_sight_wait_seconds',
    help: 'How long answers waited until every process knew what was taken away; known: all said so, run_out: one did not.',
    labelNames: ['end'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 3],
    registers: [metrics.registry],
  })
  metrics.watch(
    'heliograph_sight_current',
    '1 while this process decides from memory who may see what.',
    () => (isCurrent() ? 1 : 0),
  )
  const figures = [
    ['entries', 'Rows kept in memory.'],
    ['hits', 'Reads of rows that were in memory, since the start.'],
    ['misses', 'Reads of rows that were not, since the start.'],
    ['drops', 'Rows forgotten because they changed, since the start.'],
  ] as const
  for (const [figure, help] of figures)
    metrics.watchEach(`heliograph_kept_${figure}`, help, 'name', () =>
      kept().map((one) => [one.name, one[figure]] as const),
    )
  return {
    beginWait() {
      const stop = waits.startTimer()
      return (end) => void stop({ end })
    },
  }
}
