import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { photographs } from '../../../../../bench/photographs.ts'
import { writeGood } from '../../../../test/corpus/videos.ts'
import { type DecoderAccount, findDecoderAccount, lend, takeBack } from './media-decoder-account.ts'
import type { MadeFile } from './media-made-files.ts'
import { createMediaPool } from './media-pool.ts'
import { scratchFolder } from './media-scratch.ts'
import { createVideos } from './media-videos.ts'

const skip = process.getuid?.() !== 0 && 'only root can be somebody else'
const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const hasFfmpeg = existsSync('/usr/bin/ffmpeg')
/** The one that this machine would choose, and both where there is time. */
const whyNot = {
  bundled: hasFfmpeg && !isLong && 'only in test:long',
  ffmpeg: !hasFfmpeg && 'no FFmpeg on this machine',
}
const silent = { warn: (...told: unknown[]) => assert.fail(JSON.stringify(told)) }

describe('decoding processes of a server that is root', { skip }, () => {
  let folder: string
  let account: DecoderAccount
  let jobs = 0
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliograph-account-'))
    await chmod(folder, 0o711)
    await mkdir(join(folder, 'blobs'))
    const found = await findDecoderAccount(folder, silent)
    assert.ok(found && found.uid > 0 && found.gid > 0)
    account = found
  })
  after(() => rm(folder, { recursive: true }))

  /** As a job gets it: the master is another name of what lies in the store, which others may not read. */
  async function jobFor(source: string) {
    const outDir = await mkdtemp(join(scratchFolder(folder), 'work-'))
    const stored = join(folder, 'blobs', `${++jobs}`)
    await copyFile(source, stored)
    await chmod(stored, 0o600)
    await link(stored, join(outDir, 'master'))
    return { id: String(jobs), masterPath: join(outDir, 'master'), outDir }
  }

  async function assertOurs(files: readonly MadeFile[]): Promise<void> {
    assert.ok(files.length > 0)
    for (const { path, bytes } of files) {
      const facts = await stat(path)
      assert.deepEqual([facts.uid, facts.size], [0, bytes], path)
    }
  }

  it('are nobody, and what they made belongs to the server again', async () => {
    await using pool = createMediaPool({ size: 1, log: silent, limits: { account } })
    const job = await jobFor(photographs[0]!.path)
    const { files } = await pool.render({ ...job, kind: 'photo', purpose: 'media' })
    await assertOurs(files)
    const { uid, mode } = await stat(job.outDir)
    assert.deepEqual([uid, mode & 0o777], [0, 0o700])
    const status = await readFile(`/proc/${ownChild()}/status`, 'latin1')
    const ids = (name: string) =>
      new RegExp(`^${name}:([\\t \\d]*)$`, 'm').exec(status)?.[1]?.match(/\d+/g) ?? []
    assert.deepEqual([...ids('Uid')], Array(4).fill(String(account.uid)))
    assert.deepEqual([...ids('Gid')], Array(4).fill(String(account.gid)))
    assert.deepEqual([...ids('Groups')], [])
    const original = await pool.original({ ...(await jobFor(photographs[0]!.path)), kind: 'original' })
    await assertOurs([original.file])
  })

  for (const engine of ['bundled', 'ffmpeg'] as const)
    it(`prepare films as nobody by ${engine}`, {
      skip: whyNot[engine],
    }, async () => {
      const config = { engine, searchPath: '/usr/bin', maxSeconds: 30, maxBytes: 50e6 }
      const videos = createVideos(config, silent, { account })
      try {
        const job = await jobFor(await writeGood('a landscape', folder))
        const { files } = await videos.render({ ...job, purpose: 'media', filter: 'golden' }, {})
        await assertOurs(files)
        const film = await jobFor(join(folder, 'blobs', job.id))
        await assertOurs([(await videos.original({ ...film, kind: 'original' })).file])
      } finally {
        await videos.close()
      }
    })

  it('never get through to what others uploaded, nor back into a folder that they have handed over', async () => {
    const { outDir } = await jobFor(photographs[0]!.path)
    await lend({ masterPath: join(outDir, 'master'), outDir }, account)
    const asThem = (script: string) =>
      spawnSync('/bin/sh', ['-c', script, 'sh', folder, outDir], { ...account, cwd: '/' }).status
    assert.equal(asThem('cat "$2/master" && echo made > "$2/large.webp"'), 0)
    for (const script of [
      'cat "$1/blobs/1"',
      'ls "$1/blobs"',
      'ls "$1/uploads"',
      'ls "$1"',
      'echo > "$2/master"',
    ])
      assert.notEqual(asThem(script), 0, script)
    await takeBack(outDir, [madeAt(join(outDir, 'large.webp'))])
    for (const script of ['ls "$2"', 'echo more >> "$2/large.webp"'])
      assert.notEqual(asThem(script), 0, script)
  })

  it('never make the server hand out a file of its own by a link', async () => {
    const { outDir, masterPath } = await jobFor(photographs[0]!.path)
    const secret = join(folder, 'secret')
    await writeFile(secret, 'hush', { mode: 0o600 })
    await symlink(secret, join(outDir, 'large.webp'))
    await link(masterPath, join(outDir, 'medium.webp'))
    execFileSync('mkfifo', [join(outDir, 'fallback.jpg')])
    for (const name of ['large.webp', 'medium.webp', 'fallback.jpg', 'missing.webp'])
      await assert.rejects(takeBack(outDir, [madeAt(join(outDir, name))]), { code: 'media.corrupt' }, name)
  })

  it('go on as root, and it is told, where nobody else gets through to the data', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'heliograph-account-'))
    const told: string[] = []
    try {
      const found = await findDecoderAccount(closed, { warn: (text) => told.push(text) })
      assert.equal(found, undefined)
      assert.match(told.join('\n'), /^decoding processes run as root: .*$/, 'one line')
    } finally {
      await rm(closed, { recursive: true })
    }
  })
})

function madeAt(path: string): MadeFile {
  return { name: 'large', file: 'large.webp', type: 'image/webp', bytes: 1, width: 1, height: 1, path }
}

function ownChild(): number {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args=']).toString().split('\n')
  const line = table.find(
    (one) => Number(one.trim().split(/\s+/)[1]) === process.pid && one.includes('child/main.ts'),
  )
  return Number.parseInt(line!, 10)
}
