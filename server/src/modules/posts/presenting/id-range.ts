import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'

export interface IdList {
  ids: Id[]
  buckets: number[]
  /** Smallest and largest: a list without them would open every partition. */
  lo: Id
  hi: Id
}

/** Null for an empty list, which needs no query. */
export function idListOf(given: Iterable<Id>): IdList | null {
  const ids = [...new Set(given)]
  const [first] = ids
  if (first === undefined) return null
  let lo = first
  let hi = first
  for (const id of ids) {
    if (compareIds(id, lo) < 0) lo = id
    if (compareIds(id, hi) > 0) hi = id
  }
  return { ids, buckets: ids.map(bucketOf), lo, hi }
}
