import type { Clock } from '../clock/clock.ts'
import type { BlobStore } from './blobs.ts'
import { createCircuit } from './circuit.ts'

export interface ReplicatedStoreOptions {
  name: string
  primary: BlobStore
  replica: BlobStore
  clock: Pick<Clock, 'now'>
  /** Until the first place has begun to answer a read. */
  patienceMs?: number
}

const usualPatienceMs = 3000

/**
 * A store with a copy in a second region. Objects are put into the first place alone; somebody else copies them. Reads go to
 * the copy while the first place is away or has lost an object; deletions reach both.
 */
export function createReplicatedStore(options: ReplicatedStoreOptions): BlobStore {
  const { name, primary, replica, clock, patienceMs = usualPatienceMs } = options
  const circuit = createCircuit({ clock, patienceMs, failures: 3, restMs: 10_000 })

  async function read<T>(
    ask: (store: BlobStore) => Promise<T>,
    isFound: (found: T) => boolean,
    drop?: (late: T) => void,
  ): Promise<T> {
    if (circuit.isOpen()) {
      const found = await ask(replica)
      // What the copy does not have yet, the first place may: it is asked although it was away a moment ago.
      return isFound(found) ? found : await ask(primary)
    }
    const first = await circuit
      .ask(() => ask(primary), drop)
      .then(
        (found) => ({ found }),
        (error: unknown) => ({ error }),
      )
    if ('found' in first) {
      if (isFound(first.found)) return first.found
      // The first place knows that it has none; the copy may have what was lost there, if it can be asked.
      return await ask(replica).catch(() => first.found)
    }
    // A key that is none is nobody's absence.
    if (first.error instanceof TypeError) throw first.error
    const found = await ask(replica).catch(() => {
      throw first.error
    })
    // "Not copied yet" must not be told as "not there" while the place that knows is away.
    if (!isFound(found)) throw first.error
    return found
  }

  return {
    ...primary,
    name,
    open: (key, range) =>
      read(
        (store) => store.open(key, range),
        (blob) => blob !== null,
        (late) => late?.stream.destroy(),
      ),
    stat: (key) =>
      read(
        (store) => store.stat(key),
        (facts) => facts !== null,
        () => undefined,
      ),
    // Not limited in time: two writers to one path would be in each other's way.
    copyTo: (key, path) => read((store) => store.copyTo(key, path), Boolean),
    async delete(key) {
      await primary.delete(key)
      await replica.delete(key)
    },
    async deleteMany(keys) {
      await primary.deleteMany(keys)
      await replica.deleteMany(keys)
    },
    /** One of them is enough for people to see something. */
    check: () => primary.check().catch(() => replica.check()),
    async tidy() {
      await primary.tidy()
      await replica.tidy()
    },
    close() {
      primary.close()
      replica.close()
    },
  }
}
