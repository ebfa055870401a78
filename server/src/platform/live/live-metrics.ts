import { Counter } from 'prom-client'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { LiveCounters, LiveHub } from './live.ts'

export function createLiveCounters({ registry }: Metrics): LiveCounters {
  const registers = [registry]
  const told = new Counter({
    name: 'heliograph_live_words_total',
    help: 'Words told to accounts that listen, each once however many sockets they have.',
    registers,
  })
  const resyncs = new Counter({
    name: 'heliograph_live_resyncs_total',
    help: 'Sockets told to read again: they were slow, or had been away for longer than words are kept.',
    labelNames: ['why'],
    registers,
  })
  const closed = new Counter({
    name: 'heliograph_live_closed_total',
    help: 'Live connections that ended, by why.',
    labelNames: ['why'],
    registers,
  })
  return {
    told: () => told.inc(),
    resync: (why) => resyncs.inc({ why }),
    closed: (why) => closed.inc({ why }),
  }
}

export function watchLive(metrics: Metrics, hub: LiveHub): void {
  metrics.watch('heliograph_live_sockets', 'Open live connections.', () => hub.figures.sockets)
  metrics.watch(
    'heliograph_live_waiting_bytes',
    'Bytes given to live connections and not taken by their clients yet.',
    () => hub.figures.waitingBytes,
  )
  metrics.watch(
    'heliograph_live_kept_characters',
    'Words kept for live clients that are slow or come back.',
    () => hub.figures.keptLength,
  )
}
