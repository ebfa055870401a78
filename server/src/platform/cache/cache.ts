import { LRUCache } from 'lru-cache'

/**
 * Values are JSON: what comes out is a copy, on every engine, so that nobody can change what another holds.
 * Everything in a cache can be gone at any moment, and nothing in it says who may see what.
 */
export interface Cache {
  get<T>(key: string): Promise<T | undefined>
  set(key: string, value: unknown, ttlMs: number): Promise<void>
  delete(key: string): Promise<void>
}

export interface LocalCacheOptions {
  maxEntries: number
  /** Upper bound of all keys and values together, in UTF-16 units. */
  maxUnits?: number
  now?: () => number
}

export function createLocalCache({ maxEntries, maxUnits, now }: LocalCacheOptions): Cache {
  const entries = new LRUCache<string, string>({
    max: maxEntries,
    ...(maxUnits === undefined
      ? {}
      : { maxSize: maxUnits, sizeCalculation: (value, key) => value.length + key.length + 1 }),
    ...(now === undefined ? {} : { perf: { now }, ttlResolution: 0 }),
  })
  return {
    async get<T>(key: string) {
      const text = entries.get(key)
      return text === undefined ? undefined : (JSON.parse(text) as T)
    },
    async set(key, value, ttlMs) {
      checkEntry(value, ttlMs)
      entries.set(key, JSON.stringify(value), { ttl: Math.ceil(ttlMs) })
    },
    async delete(key) {
      entries.delete(key)
    },
  }
}

export function checkEntry(value: unknown, ttlMs: number): void {
  if (!(ttlMs > 0)) throw new RangeError(`a cache entry needs a time to live, got ${ttlMs}`)
  if (value === undefined) throw new TypeError('undefined cannot be cached')
}
