import { setTimeout as sleep } from 'node:timers/promises'
import { readHolder } from './instance-lock.mjs'

const GIVE_UP_MS = 10 * 60_000

/**
 * The instance of a data folder once people can reach it. A first start installs and builds for minutes, and who wants
 * something of it meanwhile is let wait; a worker that nobody can reach is not waited for without end.
 *
 * @param {string} dataDir
 * @param {{ log: (line: string) => void, checkMs?: number }} options
 */
export async function waitForStart(dataDir, { log, checkMs = 500 }) {
  const giveUpAt = Date.now() + GIVE_UP_MS
  let isTold = false
  for (;;) {
    const holder = readHolder(dataDir)
    const isStarting = holder?.kind === 'instance' && !holder.url
    if (!isStarting || Date.now() > giveUpAt) return holder?.kind === 'instance' ? holder : undefined
    if (!isTold) log('Heliograph is still starting: waiting until it is ready')
    isTold = true
    await sleep(checkMs)
  }
}
