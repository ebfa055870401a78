import { Histogram } from 'prom-client'
import type { Metrics } from '#platform/telemetry/metrics.ts'

export interface MediaMetrics {
  readonly uploads: Metrics['uploads']
  readonly uploadedBytes: Metrics['uploadedBytes']
  /** From the first byte read by the decoder to the last rendition durable. */
  readonly rendering: Histogram<'outcome'>
  /** CPU of the decoding processes. */
  readonly decoding: Histogram
}

export function createMediaMetrics(metrics: Metrics, queueAge: () => Promise<number>): MediaMetrics {
  metrics.watch(
    'heliograph_media_queue_age_seconds',
    'How long the photograph that waits longest has been waiting to be ready.',
    queueAge,
  )
  return {
    uploads: metrics.uploads,
    uploadedBytes: metrics.uploadedBytes,
    rendering: new Histogram({
      name: 'heliograph_media_rendering_seconds',
      help: 'Time to prepare one photograph, by how it ended.',
      labelNames: ['outcome'],
      buckets: [0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64],
      registers: [metrics.registry],
    }),
    decoding: new Histogram({
      name: 'heliograph_media_cpu_seconds',
      help: 'CPU time of the decoding process for one photograph.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32],
      registers: [metrics.registry],
    }),
  }
}
