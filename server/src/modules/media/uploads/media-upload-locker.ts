import { ERRORS, type Lock, type Locker } from '@tus/server'
import { type Locks, LockTimeoutError, type Release } from '#platform/locks/locks.ts'

const patienceMs = 30_000

/** One request at a time for each upload: a client that lost its connection does not wait for its own ghost. */
export function createUploadLocker(locks: Locks): Locker {
  return {
    newLock(id): Lock {
      let release: Release | undefined
      return {
        async lock(signal, requestRelease) {
          const onAsked = () => void requestRelease()
          try {
            release = await locks.take({ id, use: 'upload' }, { signal, patienceMs, onAsked })
          } catch (error) {
            throw error instanceof LockTimeoutError ? ERRORS.ERR_LOCK_TIMEOUT : error
          }
        },
        async unlock() {
          await release?.()
          release = undefined
        },
      }
    },
  }
}
