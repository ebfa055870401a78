import type { Id } from '#platform/ids/ids.ts'

/** What was read of rows, and of which. */
interface Dependent {
  /** Everybody and everything that it depends on, shown or left out. */
  about: ReadonlySet<Id>
}

/** By what it depends on, what does. */
export class Dependents<T extends Dependent> {
  readonly #byId = new Map<Id, Set<T>>()

  readonly add = (one: T): void => {
    for (const id of one.about) {
      const known = this.#byId.get(id)
      if (known) known.add(one)
      else this.#byId.set(id, new Set([one]))
    }
  }

  readonly delete = (one: T): void => {
    for (const id of one.about) {
      const known = this.#byId.get(id)
      known?.delete(one)
      if (known?.size === 0) this.#byId.delete(id)
    }
  }

  of(id: Id): readonly T[] {
    return [...(this.#byId.get(id) ?? [])]
  }
}
