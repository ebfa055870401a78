import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import sharp from 'sharp'
import { photographs } from '../../../../../bench/photographs.ts'
import { pngBomb, textFile } from '../../../../test/corpus/bombs.ts'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { createMediaPool, type MediaError, type MediaPoolOptions } from './media-pool.ts'

const folder = mkdtempSync(join(tmpdir(), 'media-pool-'))
after(() => rmSync(folder, { recursive: true }))

const photograph = photographs[0]!.path
/** Seconds of work: an interlaced PNG of noise has to be decoded whole. */
const slow = save(
  'slow.png',
  await noise(4000, 4000).png({ progressive: true, compressionLevel: 1 }).toBuffer(),
)
const bomb = save('bomb.png', pngBomb(30_000, 30_000))
const text = save('photo.jpg', textFile)

function save(name: string, content: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function poolOf(options: Partial<MediaPoolOptions> = {}) {
  const warnings: object[] = []
  const pool = createMediaPool({ size: 1, log: { warn: (fields) => warnings.push(fields) }, ...options })
  return { pool, warnings }
}

let jobs = 0
function jobFor(masterPath: string) {
  const outDir = mkdtempSync(join(folder, 'job-'))
  return { id: String(++jobs), kind: 'photo', purpose: 'media', masterPath, outDir } as const
}

const failsWith = (code: string) => (error: unknown) => {
  assert.equal((error as MediaError).code, code)
  return true
}

function childrenOf(parent: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args=']).toString()
  return table
    .split('\n')
    .filter((line) => Number(line.trim().split(/\s+/)[1]) === parent && line.includes('media/child/main.ts'))
    .map((line) => Number(line.trim().split(/\s+/)[0]))
}

async function runningChild(): Promise<number> {
  for (;;) {
    const [pid] = childrenOf(process.pid)
    if (pid) return pid
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Its end has been heard here: a process that is ending may be left out of the list of children before that. */
async function untilReaped(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('media pool', () => {
  it('renders and makes originals, and leaves only whole files under their names', async () => {
    const { pool, warnings } = poolOf({ size: 2 })
    await using _ = pool
    const many = Array.from({ length: 5 }, () => jobFor(photograph))
    const results = await Promise.all(many.map((job) => pool.render(job)))
    for (const [index, result] of results.entries()) {
      assert.equal(result.format, 'jpeg')
      assert.ok(result.cpuMs > 0)
      for (const file of result.files) {
        assert.ok(file.path.startsWith(many[index]!.outDir))
        assert.equal(readFileSync(file.path).length, file.bytes)
      }
      assert.deepEqual(readdirSync(many[index]!.outDir).sort(), [
        'fallback.jpg',
        'large.webp',
        'medium.webp',
        'thumbnail.webp',
      ])
    }
    const job = jobFor(photograph)
    const original = await pool.original({ ...job, kind: 'original' })
    assert.equal((await sharp(original.file.path).metadata()).width, original.width)
    assert.deepEqual(warnings, [])
  })

  it('survives a pixel bomb and other bad input in the same process', async () => {
    const { pool, warnings } = poolOf()
    await using _ = pool
    await pool.render(jobFor(photograph))
    const pid = await runningChild()
    await assert.rejects(pool.render(jobFor(bomb)), failsWith('media.too_many_pixels'))
    await assert.rejects(pool.render(jobFor(text)), failsWith('media.unsupported_format'))
    await pool.render(jobFor(photograph))
    assert.deepEqual(childrenOf(process.pid), [pid])
    assert.deepEqual(warnings, [])
  })

  it('lets nobody wait for bulk work, which stands back behind all others', async () => {
    const { pool, warnings } = poolOf()
    await using _ = pool
    let isBulkDone = false
    const bulk = pool.render(jobFor(slow), { lane: 'bulk' }).then(() => {
      isBulkDone = true
    })
    const pid = await runningChild()
    assert.equal(getPriority(pid), constants.priority.PRIORITY_LOW)
    await pool.render(jobFor(photograph))
    assert.equal(isBulkDone, false)
    await bulk
    assert.deepEqual(warnings, [])
  })

  it('kills a decode that takes too long, and goes on with the next', async () => {
    const { pool } = poolOf({ limits: { timeoutMs: 400 } })
    await using _ = pool
    await assert.rejects(pool.render(jobFor(slow)), (error: MediaError) => {
      assert.equal(error.retryable, false)
      return failsWith('media.timeout')(error)
    })
    await assert.rejects(pool.render(jobFor(text)), failsWith('media.unsupported_format'))
  })

  it('kills a decode that takes too much memory, and goes on with the next', {
    skip: process.platform !== 'linux',
  }, async () => {
    const { pool } = poolOf({ limits: { memoryBytes: 160 * 1024 * 1024 } })
    await using _ = pool
    await assert.rejects(pool.render(jobFor(slow)), failsWith('media.out_of_memory'))
    await assert.rejects(pool.render(jobFor(text)), failsWith('media.unsupported_format'))
  })

  it('calls a job retryable whose process was killed from outside, and does the next one', async () => {
    const { pool, warnings } = poolOf()
    await using _ = pool
    const lost = pool.render(jobFor(slow))
    const next = pool.render(jobFor(photograph))
    const pid = await runningChild()
    setTimeout(() => process.kill(pid, 'SIGKILL'), 400)
    await assert.rejects(lost, (error: MediaError) => {
      assert.equal(error.retryable, true)
      return failsWith('media.interrupted')(error)
    })
    assert.equal((await next).files.length, 4)
    assert.equal(warnings.length, 1)
  })

  it('replaces a process killed while idle without failing anybody', async () => {
    const { pool } = poolOf()
    await using _ = pool
    await pool.render(jobFor(photograph))
    const pid = await runningChild()
    process.kill(pid, 'SIGKILL')
    await untilReaped(pid)
    await pool.render(jobFor(photograph))
    assert.notDeepEqual(childrenOf(process.pid), [pid])
  })

  it('ignores signals meant for the group: the worker decides when its pictures are done', async () => {
    const { pool } = poolOf()
    await using _ = pool
    const job = pool.render(jobFor(photograph))
    const pid = await runningChild()
    const rendered = await pool.render(jobFor(photograph))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, signal)
    await job
    await pool.render(jobFor(photograph))
    assert.equal(rendered.files.length, 4)
    assert.deepEqual(childrenOf(process.pid), [pid])
  })

  it('recycles processes', async () => {
    const { pool, warnings } = poolOf({ jobsPerChild: 1 })
    await using _ = pool
    const pids = new Set<number>()
    for (let index = 0; index < 3; index++) {
      const job = pool.render(jobFor(photograph))
      pids.add(await runningChild())
      await job
    }
    assert.equal(pids.size, 3)
    assert.deepEqual(warnings, [])
  })

  it('is not worn out by looking at what is in pictures, and is once it had to look twice', async () => {
    const { pool } = poolOf()
    await using _ = pool
    const pids = new Set<number>()
    for (let count = 0; count < 4; count++) {
      await pool.render({ ...jobFor(photograph), classify: { threshold: 0.7 } })
      for (const pid of childrenOf(process.pid)) pids.add(pid)
    }
    assert.equal(pids.size, 1)
    // So low a threshold makes the quick network unsure of everything: the large one is loaded, for this once.
    await pool.render({ ...jobFor(photograph), classify: { threshold: 0.001 } })
    await pool.render({ ...jobFor(photograph), classify: { threshold: 0.7 } })
    for (const pid of childrenOf(process.pid)) pids.add(pid)
    assert.equal(pids.size, 2)
  })

  it('lets a caller withdraw a job, waiting or under way', async () => {
    const { pool, warnings } = poolOf()
    await using _ = pool
    const [first, second] = [new AbortController(), new AbortController()]
    const running = pool.render(jobFor(slow), { signal: first.signal })
    const waiting = pool.render(jobFor(photograph), { signal: second.signal })
    await runningChild()
    second.abort(new Error('not wanted'))
    await assert.rejects(waiting, /not wanted/)
    first.abort(new Error('neither this'))
    await assert.rejects(running, /neither this/)
    assert.equal((await pool.render(jobFor(photograph))).files.length, 4)
    assert.deepEqual(warnings, [], 'a process that was ended on purpose is not lost')
  })

  it('gives nothing of the environment to the process', { skip: process.platform !== 'linux' }, async () => {
    process.env.SECRET_OF_THE_WORKER = 'hush'
    const { pool } = poolOf()
    await using _ = pool
    await pool.render(jobFor(photograph))
    const environment = readFileSync(`/proc/${await runningChild()}/environ`, 'utf8')
    assert.ok(!environment.includes('hush'))
  })

  it('ends its processes and what waits when it closes', async () => {
    const { pool } = poolOf()
    const jobs = [pool.render(jobFor(slow)), pool.render(jobFor(photograph))]
    const settled = Promise.allSettled(jobs)
    await runningChild()
    await pool.close()
    for (const outcome of await settled) {
      assert.equal(outcome.status, 'rejected')
      failsWith('media.interrupted')(outcome.reason)
    }
    assert.deepEqual(childrenOf(process.pid), [])
    await assert.rejects(pool.render(jobFor(photograph)), failsWith('media.interrupted'))
  })

  it('leaves no process behind that was only starting when it closed', async () => {
    for (let round = 0; round < 4; round++) {
      const { pool, warnings } = poolOf({ size: 2 })
      const settled = Promise.allSettled([pool.render(jobFor(photograph)), pool.render(jobFor(photograph))])
      await new Promise((resolve) => setImmediate(resolve))
      const pids = childrenOf(process.pid)
      assert.equal(pids.length, 2, 'they were forked at once')
      await pool.close()
      // Not only dead but heard of: a signal reaches also those that are dead.
      for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
      for (const outcome of await settled) assert.equal(outcome.status, 'rejected')
      assert.deepEqual(warnings, [])
    }
  })

  it('leaves no process behind when its own is killed', async () => {
    const script = `
      import { execFileSync } from 'node:child_process'
      const { createMediaPool } = await import(${JSON.stringify(new URL('./media-pool.ts', import.meta.url).href)})
      const pool = createMediaPool({ size: 1, log: { warn() {} } })
      await pool.render(${JSON.stringify(jobFor(photograph))})
      process.stdout.write(execFileSync('ps', ['-eo', 'pid=,ppid=,args=']))
      process.stdout.write('parent ' + process.pid, () => process.kill(process.pid, 'SIGKILL'))`
    const { stdout, signal } = spawnSync(process.execPath, [save('parent.mjs', Buffer.from(script))])
    assert.equal(signal, 'SIGKILL')
    const parent = /parent (\d+)$/.exec(stdout.toString())![1]
    const [, child] = new RegExp(`^ *(\\d+) +${parent} .*child/main\\.ts`, 'm').exec(stdout.toString())!
    for (let tries = 0; tries < 200 && isRunning(Number(child)); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.equal(isRunning(Number(child)), false)
  })
})

/** A container without an init leaves the dead unreaped: those do not count. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
  return /^[^Z\s]/.test(stdout.toString())
}
