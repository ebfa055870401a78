import type { BlobStore, ListedBlob } from './blobs.ts'

/**
 * One store to whoever uses it, in which the objects below one folder lie in a store of their own: with a bucket, a
 * lifecycle and a price of its own.
 */
export function createRoutedStore(rest: BlobStore, { folder, store }: Route): BlobStore {
  const prefix = `${folder}/`
  const isRouted = (key: string) => key.startsWith(prefix)
  const storeOf = (key: string) => (isRouted(key) ? store : rest)
  const both = [rest, store]
  return {
    name: rest.name,
    putFile: (key, path, options) => storeOf(key).putFile(key, path, options),
    open: (key, range) => storeOf(key).open(key, range),
    stat: (key) => storeOf(key).stat(key),
    delete: (key) => storeOf(key).delete(key),
    async deleteMany(keys) {
      for (const one of both) {
        const own = keys.filter((key) => storeOf(key) === one)
        if (own.length > 0) await one.deleteMany(own)
      }
    },
    list(wanted) {
      if (isRouted(wanted)) return store.list(wanted)
      return prefix.startsWith(wanted) ? merged(rest.list(wanted), store.list(prefix)) : rest.list(wanted)
    },
    copyTo: (key, path) => storeOf(key).copyTo(key, path),
    async hasRoom(bytes) {
      const answers = await Promise.all(both.map((one) => one.hasRoom(bytes)))
      return answers.every(Boolean)
    },
    setTier: (key, tier) => storeOf(key).setTier(key, tier),
    check: async () => void (await Promise.all(both.map((one) => one.check()))),
    tidy: async () => void (await Promise.all(both.map((one) => one.tidy()))),
    close() {
      for (const one of both) one.close()
    },
  }
}

interface Route {
  /** First part of keys. */
  folder: string
  store: BlobStore
}

/** Two lists by key as one. */
async function* merged(
  first: AsyncIterable<ListedBlob>,
  second: AsyncIterable<ListedBlob>,
): AsyncGenerator<ListedBlob> {
  const waiting = second[Symbol.asyncIterator]()
  let other = await waiting.next()
  for await (const blob of first) {
    for (; !other.done && other.value.key < blob.key; other = await waiting.next()) yield other.value
    yield blob
  }
  for (; !other.done; other = await waiting.next()) yield other.value
}
