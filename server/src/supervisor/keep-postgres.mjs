import { setTimeout as sleep } from 'node:timers/promises'
import { openPostgres } from './postgres.mjs'

const BACK_OFF_MS = [0, 500, 1000, 2000, 5000, 10_000, 30_000]

/**
 * Keeps the PostgreSQL of a data folder alive. The address stays the same, so the server's pools find it again.
 *
 * @param {{ dataDir: string, log: (line: string) => void }} options
 */
export async function keepPostgres({ dataDir, log }) {
  let stopping = false
  let postgres = await openPostgres({ dataDir, log })
  /** @type {Promise<void>} */
  let reviving = Promise.resolve()

  function watch() {
    void postgres.exited.then(() => {
      if (!stopping) reviving = revive()
    })
  }

  async function revive() {
    log('PostgreSQL ended; starting it again')
    for (let attempt = 0; !stopping; attempt++) {
      await sleep(BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length - 1)])
      if (stopping) return
      try {
        postgres = await openPostgres({ dataDir, log })
        log('PostgreSQL is back')
        watch()
        return
      } catch (error) {
        log(/** @type {Error} */ (error).message)
      }
    }
  }

  watch()
  return {
    url: postgres.url,
    /** Resolves at once unless it is being started again. */
    whenUp: () => reviving,
    /** @param {number} withinMs */
    async stop(withinMs) {
      stopping = true
      await Promise.race([reviving, sleep(withinMs)])
      await postgres.stop({ withinMs })
    },
    kill() {
      stopping = true
      postgres.kill()
    },
  }
}
