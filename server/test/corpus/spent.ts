import assert from 'node:assert/strict'
import { basename } from 'node:path'
import type { Spent } from '../../src/modules/media/rendering/media-pool.ts'

/** Every job of a corpus beside the limits that it had, as the pool itself tells them. */
export function createLedger() {
  const all: Spent[] = []
  return {
    note: (spent: Spent) => void all.push(spent),
    /** No file took more than it may; `jobs`: at least so many were looked at. */
    assertWithin(jobs: number): void {
      assert.ok(all.length >= jobs, `${all.length} of ${jobs} jobs were measured`)
      const beyond = all.filter((one) => one.peakBytes > one.memoryBytes || one.ms > one.allowedMs)
      assert.deepEqual(beyond.map(describe), [])
      if (process.platform !== 'linux') return
      // A process that was killed is gone before anybody can look; all others have some memory.
      assert.ok(all.filter(({ peakBytes }) => peakBytes > 10e6).length >= 0.9 * all.length)
    },
    /** For people who read the report. */
    summary(): string {
      const worst = all.reduce((one, other) => (other.peakBytes > one.peakBytes ? other : one))
      const slowest = all.reduce((one, other) =>
        other.ms / other.allowedMs > one.ms / one.allowedMs ? other : one,
      )
      return `${all.length} jobs; most memory: ${describe(worst)}; most of its time: ${describe(slowest)}`
    },
  }
}

function describe({ job, peakBytes, memoryBytes, ms, allowedMs }: Spent): string {
  const file = 'masterPath' in job ? basename(job.masterPath) : ''
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20)
  return `${job.id} ${file} ${megabytes(peakBytes)} of ${megabytes(memoryBytes)} MB, ${Math.round(ms)} of ${Math.round(allowedMs)} ms`
}
