import { LRUCache } from 'lru-cache'

/**
 * Rows that this process keeps in memory, and answers from only while it is current: while it is certain to have heard of
 * everything that took sight away (see coherence.ts). Who changes a row emits an event; who keeps it drops it in `events.on`.
 */
export interface Kept<K, V> {
  /** Undefined: not kept, or not to be trusted just now. Never waits. */
  peek(key: K): V | undefined
  /**
   * Whatever was read after it was asked for is true as long as it stays the same. Undefined: memory is not to be trusted
   * just now.
   */
  peekVersion(): number | undefined
  /** The keys that were dropped since such a version. Undefined: longer ago than is remembered, or all of them. */
  droppedSince(version: number): readonly K[] | undefined
  /** All of them, or undefined as soon as one is missing. */
  peekMany(keys: Iterable<K>): Map<K, V> | undefined
  /** Undefined: there is no such row. */
  get(key: K): Promise<V | undefined>
  /** Those that there are. */
  getMany(keys: Iterable<K>): Promise<Map<K, V>>
  drop(key: K): void
  /** All keys of which `groupOf` gives this. */
  dropGroup(group: string): void
  clear(): void
}

export interface KeptOptions<K extends string, V extends object> {
  name: string
  /** Entries; with `weigh`, the sum of what they weigh. */
  max: number
  weigh?(value: V): number
  groupOf?(key: K): string
  /** Told of each that is kept no longer, for whatever reason; of one that has grown too old when it is asked for next. */
  onGone?(value: V): void
  /** Told of each that was loaded and never kept: an event outdated it, or memory is not to be trusted just now. */
  onUnkept?(value: V): void
  /** From the primary: a replica may not know yet what an event told. Keys without a row are left out. */
  load(keys: readonly K[]): Promise<ReadonlyMap<K, V>>
}

export interface KeptFigures {
  readonly name: string
  readonly entries: number
  readonly hits: number
  readonly misses: number
  readonly drops: number
}

/** A load under way. Once an event has outdated it nobody else may have its answer, and it is not kept. */
interface Flight<K, V> {
  values: Promise<ReadonlyMap<K, V>>
  isStale: boolean
}

/** What was changed by hand in the database, without an event, is noticed after this at the latest. */
export const keptForMs = 10 * 60_000
/** How often one read starts again because events kept outdating it; then it reads for itself alone. */
const maxRounds = 4
/** Keys that were dropped last, whose order is remembered: who derives something from many rows looks at these alone. */
const rememberedDrops = 1024

export function createKept<K extends string, V extends object>(
  { name, max, weigh, groupOf, onGone, onUnkept, load }: KeptOptions<K, V>,
  isCurrent: () => boolean,
): Kept<K, V> & { figures(): KeptFigures } {
  const groups = new Map<string, Set<K>>()
  const flights = new Map<K, Flight<K, V>>()
  let [hits, misses, drops] = [0, 0, 0]
  let version = 0
  /** The last of them made the present version. */
  let dropped: K[] = []

  const entries = new LRUCache<K, V>({
    ...(weigh === undefined
      ? { max }
      : { maxSize: max, sizeCalculation: (value: V) => Math.max(1, weigh(value)) }),
    ttl: keptForMs,
    ttlResolution: 1000,
    ...(onGone === undefined ? {} : { dispose: (value: V) => onGone(value) }),
    ...(groupOf === undefined
      ? {}
      : {
          disposeAfter: (_: V, key: K, reason: string) => void (reason === 'set' || leave(groupOf(key), key)),
        }),
  })

  const join = (group: string, key: K) => {
    const keys = groups.get(group)
    if (keys) keys.add(key)
    else groups.set(group, new Set([key]))
  }

  /** An entry or a flight of the key may have gone while the other is still there. */
  const leave = (group: string, key: K) => {
    if (flights.has(key) || entries.has(key)) return
    const keys = groups.get(group)
    keys?.delete(key)
    if (keys?.size === 0) groups.delete(group)
  }

  const land = (key: K, flight: Flight<K, V>, value: V | undefined) => {
    if (flights.get(key) === flight) flights.delete(key)
    if (value !== undefined) {
      if (!flight.isStale && isCurrent()) entries.set(key, value)
      if (onUnkept && entries.peek(key) !== value) onUnkept(value)
    }
    if (groupOf) leave(groupOf(key), key)
  }

  /** One query for all these keys, though each of them can be outdated alone. */
  const begin = (keys: readonly K[]): Map<K, Flight<K, V>> => {
    const values = load(keys)
    const begun = new Map(keys.map((key) => [key, { values, isStale: false }]))
    for (const [key, flight] of begun) {
      flights.set(key, flight)
      if (groupOf) join(groupOf(key), key)
      flight.values = values.then(
        (found) => {
          land(key, flight, found.get(key))
          return found
        },
        (error: unknown) => {
          land(key, flight, undefined)
          throw error
        },
      )
    }
    return begun
  }

  const drop = (key: K) => {
    version++
    drops++
    dropped.push(key)
    if (dropped.length > 2 * rememberedDrops) dropped = dropped.slice(-rememberedDrops)
    entries.delete(key)
    const flight = flights.get(key)
    if (flight === undefined) return
    flight.isStale = true
    flights.delete(key)
    if (groupOf) leave(groupOf(key), key)
  }

  /** Joins what is being loaded and loads the rest; gives the keys that an event outdated meanwhile. */
  const loadRound = async (missing: readonly K[], found: Map<K, V>): Promise<K[]> => {
    const joined = new Map<K, Flight<K, V>>()
    const rest: K[] = []
    for (const key of missing) {
      const flight = flights.get(key)
      if (flight) joined.set(key, flight)
      else rest.push(key)
    }
    if (rest.length > 0) for (const [key, flight] of begin(rest)) joined.set(key, flight)
    const outdated: K[] = []
    await Promise.all(
      [...joined].map(async ([key, flight]) => {
        const value = (await flight.values).get(key)
        if (flight.isStale) outdated.push(key)
        else if (value !== undefined) found.set(key, value)
      }),
    )
    return outdated
  }

  const getMany = async (keys: Iterable<K>): Promise<Map<K, V>> => {
    const found = new Map<K, V>()
    let missing: K[] = []
    const trusts = isCurrent()
    for (const key of new Set(keys)) {
      const value = trusts ? entries.get(key) : undefined
      if (value === undefined) missing.push(key)
      else found.set(key, value)
    }
    hits += found.size
    misses += missing.length
    for (let round = 0; trusts && missing.length > 0 && round < maxRounds; round++)
      missing = await loadRound(missing, found)
    // Begun by nobody else and kept for nobody else: it shows whatever was there when this read began.
    if (missing.length > 0)
      for (const [key, value] of await load(missing)) {
        found.set(key, value)
        onUnkept?.(value)
      }
    return found
  }

  return {
    peek(key) {
      const value = isCurrent() ? entries.get(key) : undefined
      if (value === undefined) misses++
      else hits++
      return value
    },
    peekVersion: () => (isCurrent() ? version : undefined),
    droppedSince(since) {
      const count = version - since
      if (count < 0 || count > dropped.length) return undefined
      return count === 0 ? [] : dropped.slice(-count)
    },
    peekMany(keys) {
      if (!isCurrent()) return undefined
      const found = new Map<K, V>()
      for (const key of keys) {
        const value = entries.get(key)
        if (value === undefined) {
          misses++
          return undefined
        }
        found.set(key, value)
      }
      hits += found.size
      return found
    },
    get: async (key) => (await getMany([key])).get(key),
    getMany,
    drop,
    dropGroup(group) {
      for (const key of [...(groups.get(group) ?? [])]) drop(key)
    },
    clear() {
      version++
      dropped = []
      drops += entries.size
      for (const flight of flights.values()) flight.isStale = true
      flights.clear()
      entries.clear()
      groups.clear()
    },
    figures: () => ({ name, entries: entries.size, hits, misses, drops }),
  }
}
