import type { UploadPurpose } from '@heliograph/contract/media'
import { Counter, Histogram } from 'prom-client'
import type { Metrics } from '#platform/telemetry/metrics.ts'

export interface MediaMetrics {
  readonly uploads: Metrics['uploads']
  readonly uploadedBytes: Metrics['uploadedBytes']
  /** From the first byte read by the decoder to the last rendition durable. */
  readonly rendering: Histogram<'outcome'>
  /** CPU of the decoding processes. */
  readonly decoding: Histogram
  /** What left the store because nobody needs it any more. */
  reclaimed(purpose: UploadPurpose, freed: { objects: number; bytes: number }): void
}

export function createMediaMetrics(metrics: Metrics, queueAge: () => Promise<number>): MediaMetrics {
  metrics.watch(
    'heliograph_media_queue_age_seconds',
    'How long the photograph that waits longest has been waiting to be ready.',
    queueAge,
  )
  const reclaimedObjects = new Counter({
    name: 'heliograph_media_reclaimed_objects_total',
    help: 'Objects removed from the stores because nothing needs them any more: deleted, over, or prepared.',
    labelNames: ['purpose'],
    registers: [metrics.registry],
  })
  const reclaimedBytes = new Counter({
    name: 'heliograph_media_reclaimed_bytes_total',
    help: 'Their bytes.',
    labelNames: ['purpose'],
    registers: [metrics.registry],
  })
  return {
    reclaimed(purpose, { objects, bytes }) {
      reclaimedObjects.inc({ purpose }, objects)
      reclaimedBytes.inc({ purpose }, bytes)
    },
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
