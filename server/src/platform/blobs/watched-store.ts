import { Histogram } from 'prom-client'
import { isFault } from '../http/fault.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { BlobStore } from './blobs.ts'

export type WatchStore = (store: BlobStore) => BlobStore

/** Every request to a store, by its outcome: whether the place is slow, away or full is seen from outside. */
export function createStoreWatch({ registry }: Metrics): WatchStore {
  const seconds = new Histogram({
    name: 'heliograph_blob_request_seconds',
    help: 'Requests to a store of objects; a read is measured until its first byte.',
    labelNames: ['store', 'request', 'outcome'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  })
  return (store) => {
    const watched = async <T>(request: string, work: () => Promise<T>): Promise<T> => {
      const end = seconds.startTimer({ store: store.name, request })
      try {
        const result = await work()
        end({ outcome: 'ok' })
        return result
      } catch (error) {
        end({ outcome: isFault(error) ? error.code : 'error' })
        throw error
      }
    }
    return {
      ...store,
      putFile: (...args) => watched('put', () => store.putFile(...args)),
      open: (...args) => watched('open', () => store.open(...args)),
      stat: (...args) => watched('stat', () => store.stat(...args)),
      delete: (...args) => watched('delete', () => store.delete(...args)),
      deleteMany: (...args) => watched('delete many', () => store.deleteMany(...args)),
      copyTo: (...args) => watched('copy', () => store.copyTo(...args)),
    }
  }
}
