import { type Id, timeOf } from '#platform/ids/ids.ts'

/** Ids delivered lately, by the second in which they were drawn. */
export interface Seen {
  has(id: Id): boolean
  add(id: Id): void
  remove(id: Id): void
  countIn(second: number): number
  forgetBefore(ms: number): void
}

export function secondOf(id: Id): number {
  return Math.floor(timeOf(id) / 1000)
}

export function createSeen(): Seen {
  const seconds = new Map<number, Set<Id>>()
  return {
    has: (id) => seconds.get(secondOf(id))?.has(id) ?? false,
    add(id) {
      const second = secondOf(id)
      const ids = seconds.get(second)
      if (ids) ids.add(id)
      else seconds.set(second, new Set([id]))
    },
    remove: (id) => void seconds.get(secondOf(id))?.delete(id),
    countIn: (second) => seconds.get(second)?.size ?? 0,
    forgetBefore(ms) {
      for (const second of seconds.keys()) if (second < Math.floor(ms / 1000)) seconds.delete(second)
    },
  }
}
