import { type BlobStore, type ListedBlob, requireBlobKey } from './blobs.ts'

/**
 * Several places behind one door: new objects go to the first, and all are looked at. So objects can be carried from
 * one place to another while people go on, whenever whoever carries them writes the copy before removing the source.
 */
export function createLayeredStore(name: string, places: readonly [BlobStore, ...BlobStore[]]): BlobStore {
  const [first] = places
  // An object that was carried from a later to an earlier place between two looks is found by the second round.
  const rounds = [...places, ...places.slice(0, -1)]

  async function findIn<T>(
    ask: (place: BlobStore) => Promise<T>,
    isFound: (found: T) => boolean,
  ): Promise<T> {
    let found = await ask(first)
    for (const place of rounds.slice(1)) {
      if (isFound(found)) return found
      found = await ask(place)
    }
    return found
  }

  return {
    name,
    putFile: (key, path, options) => first.putFile(key, path, options),
    open: (key, range) =>
      findIn(
        (place) => place.open(key, range),
        (blob) => blob !== null,
      ),
    stat: (key) =>
      findIn(
        (place) => place.stat(key),
        (facts) => facts !== null,
      ),
    copyTo: (key, path) => findIn((place) => place.copyTo(key, path), Boolean),
    /** There and back again: whoever carries it either sees the source gone, or its copy is removed here. */
    async delete(key) {
      requireBlobKey(key)
      for (const place of [...places].reverse()) await place.delete(key)
      for (const place of places.slice(1)) await place.delete(key)
    },
    async deleteMany(keys) {
      keys.forEach(requireBlobKey)
      for (const place of [...places].reverse()) await place.deleteMany(keys)
      for (const place of places.slice(1)) await place.deleteMany(keys)
    },
    list: (prefix) => merge(places.map((place) => place.list(prefix))),
    hasRoom: (bytes) => first.hasRoom(bytes),
    setTier: (key, tier) => findIn((place) => place.setTier(key, tier), Boolean),
    async check() {
      for (const place of places) await place.check()
    },
    async tidy() {
      for (const place of places) await place.tidy()
    },
    close() {
      for (const place of places) place.close()
    },
  }
}

/** Lists that are in order, as one that is; what stands in several is told once. */
async function* merge(lists: AsyncIterable<ListedBlob>[]): AsyncIterable<ListedBlob> {
  const iterators = lists.map((list) => list[Symbol.asyncIterator]())
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()))
  try {
    while (true) {
      const open = heads.filter((head) => !head.done)
      if (open.length === 0) return
      const least = open.map((head) => head.value as ListedBlob).reduce((a, b) => (b.key < a.key ? b : a))
      yield least
      for (const [index, head] of heads.entries())
        if (!head.done && head.value.key === least.key) heads[index] = await iterators[index]!.next()
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()))
  }
}
