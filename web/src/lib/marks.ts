import type { Id } from '@heliograph/contract/common'

// IndexedDB is written a moment after a tap on “Send” or “Share”, and a page may be gone by then. So what was tapped is written
// down in the very moment, with all its words and without its files.

interface Marks<T> {
  note(id: string, item: T): void
  drop(id: string, ownerId: Id): void
  /** By what they are of. */
  of(ownerId: Id): Map<string, T>
}

export function createMarks<T extends { readonly ownerId: Id }>(name: string): Marks<T> {
  const prefixOf = (ownerId: Id) => `heliograph.${name}.${ownerId}.`
  return {
    note(id, item) {
      try {
        localStorage.setItem(prefixOf(item.ownerId) + id, JSON.stringify(item))
      } catch {
        // Then it is safe only once IndexedDB has it.
      }
    },
    drop(id, ownerId) {
      try {
        localStorage.removeItem(prefixOf(ownerId) + id)
      } catch {
        // Nothing was noted either.
      }
    },
    of(ownerId) {
      const [found, prefix] = [new Map<string, T>(), prefixOf(ownerId)]
      try {
        for (let at = 0; at < localStorage.length; at++) {
          const key = localStorage.key(at) ?? ''
          if (!key.startsWith(prefix)) continue
          found.set(key.slice(prefix.length), JSON.parse(localStorage.getItem(key) ?? '') as T)
        }
      } catch {
        // What is there so far.
      }
      return found
    },
  }
}
