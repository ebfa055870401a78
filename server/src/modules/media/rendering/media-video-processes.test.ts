import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeVideo } from '../../../../test/corpus/video-maker.ts'
import type { EngineChoice } from '../child/protocol.ts'
import { createMediaKit } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'
import { createMediaPool, MediaError, type MediaPoolOptions } from './media-pool.ts'

// What becomes of a video when processes die, hang, or take too much, with both engines.

const hasFfmpeg = existsSync('/usr/bin/ffmpeg') && existsSync('/usr/bin/ffprobe')
const engines: { choice: EngineChoice; skip: string | false }[] = [
  { choice: { name: 'bundled' }, skip: false },
  {
    choice: { name: 'ffmpeg', ffmpeg: '/usr/bin/ffmpeg', ffprobe: '/usr/bin/ffprobe' },
    skip: hasFfmpeg ? false : 'no FFmpeg on this machine',
  },
]

let folder: string
let film: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-video-processes-'))
  film = join(folder, 'film.mp4')
  // Long enough to be met in the middle of the work.
  const graph = 'testsrc2=s=1280x720:r=30:d=16,format=yuv420p'
  await makeVideo({
    path: film,
    muxer: 'mp4',
    streams: [{ graph, codec: 'libx264', options: { preset: 'ultrafast' } }],
  })
})
after(() => rm(folder, { recursive: true, force: true }))

function processes(): { pid: number; parent: number; args: string }[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args=']).toString().split('\n')
  return lines.flatMap((line) => {
    const [, pid, parent, args] = /^ *(\d+) +(\d+) +(.*)$/.exec(line) ?? []
    return pid ? [{ pid: Number(pid), parent: Number(parent), args: args! }] : []
  })
}

const decoders = () =>
  processes().filter(({ parent, args }) => parent === process.pid && args.includes('child/main.ts'))
/** Programs of FFmpeg's that work in this folder, whoever started them. */
const programs = (outDir: string) =>
  processes().filter(({ args }) => /ffmpeg|ffprobe/.test(args) && args.includes(outDir))

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20)
}

for (const { choice, skip } of engines) {
  describe(`a video that ${choice.name} works on`, { skip }, () => {
    async function begin(limits: MediaPoolOptions['limits']) {
      const outDir = await mkdtemp(join(folder, 'out-'))
      const pool = createMediaPool({ size: 1, log: { warn: () => undefined }, ...(limits ? { limits } : {}) })
      const begun = Promise.withResolvers<void>()
      const work = pool.video(
        {
          ...{
            id: '1',
            kind: 'video',
            purpose: 'media',
            masterPath: film,
            outDir,
            engine: choice,
            threads: 2,
          },
          limits: { maxSeconds: 60, maxBytes: 1e9, maxPixels: 36e6 },
        },
        { onProgress: () => begun.resolve() },
      )
      const ended = work.then(
        () => 'ready',
        (error: MediaError) => error.code,
      )
      return { pool, outDir, begun: begun.promise, ended }
    }

    it('is tried again when its process is killed, and nothing works on', async () => {
      const { pool, outDir, begun, ended } = await begin({})
      await begun
      process.kill(decoders()[0]!.pid, 'SIGKILL')
      assert.equal(await ended, 'media.interrupted')
      assert.ok(new MediaError('media.interrupted').retryable)
      await until(() => programs(outDir).length === 0)
      await pool.close()
    })

    it('that takes longer than its length allows ends as such', async () => {
      const { pool, outDir, ended } = await begin({ timeoutMs: 1200, timeoutPerSecondMs: 1 })
      assert.equal(await ended, 'media.timeout')
      await until(() => programs(outDir).length === 0)
      await pool.close()
    })

    it('that comes no further ends long before its time is over', async () => {
      const { pool, outDir, begun, ended } = await begin({
        timeoutMs: 600_000,
        timeoutPerSecondMs: 600_000,
        stallMs: 1500,
      })
      await begun
      process.kill(decoders()[0]!.pid, 'SIGSTOP')
      assert.equal(await ended, 'media.timeout')
      await until(() => programs(outDir).length === 0)
      await pool.close()
    })

    it('that needs more memory than is allowed, program included, ends as such', async () => {
      const { pool, outDir, ended } = await begin({ memoryBytes: 170 * 1024 ** 2 })
      assert.equal(await ended, 'media.out_of_memory')
      await until(() => programs(outDir).length === 0)
      await pool.close()
    })

    it('that nobody waits for any more is let go of', async () => {
      const { pool, outDir, begun, ended } = await begin({})
      await begun
      await pool.close()
      assert.equal(await ended, 'media.interrupted')
      await until(() => programs(outDir).length === 0)
    })
  })
}

// In the short run the kill matrix ends one with kill -9.
const skip = !process.env.HELIOGRAPH_TEST_LONG && 'only in test:long'

describe('a server that is ended in the middle of a video', { skip }, () => {
  it('goes on with it when it is started again, and leaves nothing lying', async () => {
    let kit = await createMediaKit()
    try {
      const anna = kit.newPerson()
      const tus = createTusClient(kit.base, anna.token)
      const id = await tus.upload(await readFile(film), { piece: 1_000_000 })
      await kit.share(anna, [id])
      await kit.startRunners()
      const scratch = join(kit.folder, 'scratch')
      let isUnderWay = false
      while (!isUnderWay) {
        const { progress } = await kit.mediaOf(id)
        isUnderWay = progress !== null && progress > 0
        if (!isUnderWay) await sleep(20)
      }
      assert.ok((await readdir(scratch)).length > 0)
      kit = await kit.restart()
      assert.deepEqual(await readdir(scratch), [])
      await kit.drain({ early: true })
      const row = await kit.mediaOf(id)
      // The try that the stop broke off was given back.
      assert.deepEqual([row.processing_status, row.attempts], ['ready', 1])
      assert.deepEqual(await readdir(scratch), [])
      const mine = (await kit.objects()).filter((key) => key.includes(`${row.id}_`))
      assert.ok(mine.every((key) => key.includes(row.token) || key === row.original_key))
    } finally {
      await kit.close()
    }
  })
})
