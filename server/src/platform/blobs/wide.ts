/** Requests to a store at once: a round trip, or the wait for a disk, is not waited for one at a time. */
export const storeWidth = 8

/**
 * The results in the order of the items. After a failure nothing more is begun; it is thrown when all that were under
 * way have ended, so that nobody writes on when the caller has given up.
 */
export async function mapWide<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  const failures: unknown[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const at = next++
      try {
        results[at] = await work(items[at]!)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(storeWidth, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}

export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let waiting: T[] = []
  for await (const item of items) {
    waiting.push(item)
    if (waiting.length < size) continue
    yield waiting
    waiting = []
  }
  if (waiting.length > 0) yield waiting
}
