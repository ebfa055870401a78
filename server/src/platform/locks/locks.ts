import type { Id } from '#platform/ids/ids.ts'

/** What one at a time may touch, by the id of what it is about. */
export interface LockKey {
  id: Id
  /** What is done to it. */
  use: string
}

export interface LockOptions {
  /** Ends the waiting; what is held stays held. */
  signal?: AbortSignal
  patienceMs: number
  /** While it is held: somebody waits for it, or it was lost. Perhaps more than once. */
  onAsked(): void
}

/** Gives it back; calling it again does nothing. */
export type Release = () => Promise<void>

/**
 * One at a time for each key, in the order they came within a process. Who waits asks the holder to come to an end, and
 * waits without turning in circles.
 */
export interface Locks {
  /** Rejects with `LockTimeoutError` when the patience or the signal ends. */
  take(key: LockKey, options: LockOptions): Promise<Release>
}

export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError'
}

interface Turn {
  onAsked(): void
  start(): void
}

/** For the only process. */
export function createLocalLocks(): Locks {
  const turns = new Map<string, Turn[]>()

  function leave(name: string, turn: Turn): void {
    const line = turns.get(name)
    const place = line?.indexOf(turn) ?? -1
    if (!line || place < 0) return
    line.splice(place, 1)
    const [next] = line
    if (!next) turns.delete(name)
    else if (place === 0) next.start()
    if (line.length > 1) next?.onAsked()
  }

  return {
    take: ({ id, use }, { signal, patienceMs, onAsked }) =>
      new Promise((resolve, reject) => {
        const name = `${id} ${use}`
        const giveUp = () => {
          stopWaiting()
          leave(name, mine)
          reject(new LockTimeoutError(`${use} of ${id} is held by another`))
        }
        const timer = setTimeout(giveUp, patienceMs)
        const stopWaiting = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', giveUp)
        }
        const mine: Turn = {
          onAsked,
          start() {
            stopWaiting()
            resolve(async () => leave(name, mine))
          },
        }
        signal?.addEventListener('abort', giveUp)
        const line = turns.get(name)
        if (line) {
          line.push(mine)
          line[0]?.onAsked()
        } else {
          turns.set(name, [mine])
          mine.start()
        }
      }),
  }
}
