import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Everything that /metrics shows; one for each process. */
export interface Metrics {
  readonly registry: Registry
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>
  readonly httpShed: Counter
  readonly cacheReads: Counter<'outcome'>
  readonly coldFeeds: Counter<'from'>
  readonly uploads: Counter<'outcome'>
  readonly uploadedBytes: Counter
  /** A figure that is read when somebody asks. One that cannot be read is left out: the others matter most then. */
  watch(name: string, help: string, read: () => number | Promise<number>): void
  /** The same with one label. */
  watchEach<L extends string>(
    name: string,
    help: string,
    label: L,
    read: () => Iterable<readonly [string, number]> | Promise<Iterable<readonly [string, number]>>,
  ): void
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    httpDuration: new Histogram({
      name: 'heliograph_http_request_duration_seconds',
      help: 'Time from the request to the end of the answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    httpShed: new Counter({
      name: 'heliograph_http_shed_total',
      help: 'Requests turned away because of load.',
      registers,
    }),
    cacheReads: new Counter({
      name: 'heliograph_cache_reads_total',
      help: 'Reads of the shared cache: hit, miss, or away while Redis is.',
      labelNames: ['outcome'],
      registers,
    }),
    coldFeeds: new Counter({
      name: 'heliograph_cold_feeds_total',
      help: 'First pages for people whose authors were not in memory: from a kept beginning, or from the tables.',
      labelNames: ['from'],
      registers,
    }),
    uploads: new Counter({
      name: 'heliograph_uploads_total',
      help: 'Uploads by how they ended.',
      labelNames: ['outcome'],
      registers,
    }),
    uploadedBytes: new Counter({
      name: 'heliograph_uploaded_bytes_total',
      help: 'Bytes received in uploads.',
      registers,
    }),
    watch(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await Promise.resolve(read()).catch(() => Number.NaN))
        },
      })
    },
    watchEach(name, help, label, read) {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        async collect() {
          const figures = await Promise.resolve(read()).catch(() => [])
          this.reset()
          for (const [value, figure] of figures)
            this.set({ [label]: value } as Record<typeof label, string>, figure)
        },
      })
    },
  }
}
