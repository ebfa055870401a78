import type { Id } from '#platform/ids/ids.ts'
import type { LiveClient } from './live-client.ts'
import { LiveLog, type LogBounds } from './live-log.ts'

/** Who listens here, or did a moment ago. */
export interface Listening {
  readonly id: Id
  readonly log: LiveLog
  readonly clients: Set<LiveClient>
}

export interface LiveAccounts {
  find(id: Id): Listening | undefined
  /** Made when it is the first. */
  of(id: Id): Listening
  ids(): Id[]
  all(): Iterable<Listening>
  /** Something was added to its log. */
  noteWritten(one: Listening, before: number, now: number): void
  /** Its last socket went: it may come back. */
  noteLeft(one: Listening, now: number): void
  /** It will not come back. */
  drop(id: Id): void
  /** Lets go of what is older than a reconnection takes. */
  tidy(now: number): void
  /** Characters of all logs together. */
  readonly keptLength: number
}

export interface KeepingBounds extends LogBounds {
  /** Of all accounts together, in characters. */
  maxKeptLength: number
  /** How long words are kept, and an account counts as listening after its last socket went. */
  keepMs: number
}

export function createLiveAccounts(bounds: KeepingBounds): LiveAccounts {
  const { maxKeptLength, keepMs } = bounds
  const accounts = new Map<Id, Listening>()
  /** Both in the order of time: the oldest is first. */
  const left = new Map<Listening, number>()
  const written = new Map<Listening, number>()
  let keptLength = 0

  const forgetWords = (one: Listening) => {
    keptLength -= one.log.length
    one.log.forget()
    written.delete(one)
  }
  const drop = (id: Id) => {
    const one = accounts.get(id)
    if (!one) return
    forgetWords(one)
    left.delete(one)
    accounts.delete(id)
  }

  return {
    drop,
    find: (id) => accounts.get(id),
    of(id) {
      const known = accounts.get(id)
      if (known) {
        left.delete(known)
        return known
      }
      const made = { id, log: new LiveLog(bounds), clients: new Set<LiveClient>() }
      accounts.set(id, made)
      return made
    },
    ids: () => [...accounts.keys()],
    all: () => accounts.values(),
    noteWritten(one, before, now) {
      keptLength += one.log.length - before
      written.delete(one)
      written.set(one, now)
      for (const [oldest] of written) {
        if (keptLength <= maxKeptLength) break
        forgetWords(oldest)
      }
    },
    noteLeft(one, now) {
      left.delete(one)
      left.set(one, now)
    },
    tidy(now) {
      for (const [one, at] of left) {
        if (at > now - keepMs) break
        drop(one.id)
      }
      for (const [one, at] of written) {
        if (at > now - keepMs) break
        forgetWords(one)
      }
    },
    get keptLength() {
      return keptLength
    },
  }
}
