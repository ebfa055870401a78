import { ERRORS, type Lock, type Locker } from '@tus/server'

const patience = 30_000

interface Turn {
  /** Asks the holder to come to an end. */
  requestRelease: () => Promise<void> | void
  start(): void
}

/**
 * One request at a time for each upload, in the order they came, waiting without turning in circles.
 * Whoever waits asks the holder to end: a client that lost its connection does not wait for its own ghost.
 */
export function createUploadLocker(): Locker {
  const turns = new Map<string, Turn[]>()

  function leave(id: string, turn: Turn): void {
    const line = turns.get(id)
    if (!line) return
    const place = line.indexOf(turn)
    if (place < 0) return
    line.splice(place, 1)
    const [next] = line
    if (!next) turns.delete(id)
    else if (place === 0) next.start()
    if (line.length > 1) void next?.requestRelease()
  }

  return {
    newLock(id): Lock {
      let turn: Turn | undefined
      return {
        lock: (signal, requestRelease) =>
          new Promise((resolve, reject) => {
            const giveUp = () => {
              stopWaiting()
              leave(id, mine)
              reject(ERRORS.ERR_LOCK_TIMEOUT)
            }
            const timer = setTimeout(giveUp, patience)
            const stopWaiting = () => {
              clearTimeout(timer)
              signal.removeEventListener('abort', giveUp)
            }
            const start = () => {
              stopWaiting()
              turn = mine
              resolve()
            }
            const mine: Turn = { requestRelease, start }
            signal.addEventListener('abort', giveUp)
            const line = turns.get(id)
            if (!line) {
              turns.set(id, [mine])
              start()
              return
            }
            line.push(mine)
            void line[0]?.requestRelease()
          }),
        async unlock() {
          if (turn) leave(id, turn)
          turn = undefined
        },
      }
    },
  }
}
