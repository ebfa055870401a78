import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from '@heliograph/client'
import { noise } from './corpus/drawn-pictures.ts'
import { makeVideo } from './corpus/video-maker.ts'
import { createInstallation, type Installation } from './helpers/installation.ts'

// Memory that grows with what was ever uploaded ends every server one day. Real processes, many small pictures: what
// they have after the first fifth is what they keep.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const pictures = isLong ? 10_000 : 100
const perPost = 10
const atOnce = 6
const mebibyte = 2 ** 20
/** Growth from the first fifth to the end. A list that kept 20 kB of each picture would be as much. */
const allowedGrowth = { server: 150 * mebibyte, mediaChild: 150 * mebibyte }

describe('an import of many pictures', {
  skip: process.platform !== 'linux' && 'the memory of other processes can be told on Linux alone',
}, () => {
  let house: Installation
  let author: Client
  before(async () => {
    house = await createInstallation({ env: { MODERATION: 'off' } })
    await house.start()
    const person = {
      username: 'importer',
      password: 'a long enough phrase',
      email: 'importer@people.example',
    }
    author = await createClient(house.url).signUp(person)
  })
  after(() => house[Symbol.asyncDispose]())

  test(`of ${pictures} never lets the server or its children grow with their number`, async (t) => {
    const variants = await Promise.all(Array.from({ length: 10 }, (_, seed) => small(seed)))
    const seen: { done: number; server: number; mediaChild: number }[] = []
    const ids: string[] = []
    let left = pictures / perPost
    const lane = async () => {
      while (left-- > 0) {
        const media: { uploadId: string }[] = []
        for (let at = 0; at < perPost; at++) media.push({ uploadId: await author.upload(variants[at]!) })
        const { id } = await author.call('POST /api/posts', { body: { media } })
        await ready(id)
        ids.push(id)
        seen.push({ done: ids.length * perPost, ...(await house.memory()) })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
    assert.equal(ids.length, pictures / perPost)

    const isEarly = ({ done }: { done: number }) => done <= pictures / 5
    for (const who of ['server', 'mediaChild'] as const) {
      const most = (of: typeof seen) => Math.max(...of.map((one) => one[who]))
      const [early, late] = [most(seen.filter(isEarly)), most(seen.filter((one) => !isEarly(one)))]
      t.diagnostic(`${who}: ${megabytes(early)} MB after a fifth, then ${megabytes(late)} MB at most`)
      assert.ok(early > 20 * mebibyte, `${who} was looked at`)
      assert.ok(late - early <= allowedGrowth[who], `${who} grew by ${megabytes(late - early)} MB`)
    }
  })

  test('of one film of 600 MB never takes it into memory, and does not fail at a hundred percent', {
    skip: !isLong && 'only in test:long',
  }, async (t) => {
    const film = await filmOf(600 * mebibyte)
    const before = (await house.memory()).server
    let most = before
    let isUnderWay = true
    const looking = (async () => {
      for (; isUnderWay; await sleep(100)) most = Math.max(most, (await house.memory()).server)
    })()
    const uploadId = await author.upload(film, { chunkBytes: 64 * mebibyte })
    const { id } = await author.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await ready(id)
    isUnderWay = false
    await looking
    t.diagnostic(`server: ${megabytes(before)} MB before, ${megabytes(most)} MB at most`)
    assert.ok(most - before <= allowedGrowth.server, `the server grew by ${megabytes(most - before)} MB`)
  })

  async function ready(id: string): Promise<void> {
    for (;;) {
      const { status } = await author.call('GET /api/posts/:id', { params: { id } })
      if (status === 'ready') return
      assert.equal(status, 'processing')
      await sleep(50)
    }
  }
})

function small(seed: number): Promise<Buffer> {
  return noise(48, 48, seed + 1)
    .jpeg()
    .toBuffer()
}

/** Small, in a large file: decoders pass over what fills it, everybody else carries it. */
async function filmOf(bytes: number): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-large-'))
  try {
    const path = join(folder, 'film.mp4')
    const graph = 'testsrc2=s=320x180:r=15:d=1,format=yuv420p'
    await makeVideo({
      path,
      muxer: 'mp4',
      streams: [{ graph, codec: 'libx264', options: { preset: 'ultrafast' } }],
    })
    const film = await readFile(path)
    const whole = Buffer.alloc(bytes)
    film.copy(whole)
    whole.writeUInt32BE(bytes - film.length, film.length)
    whole.write('free', film.length + 4)
    return whole
  } finally {
    await rm(folder, { recursive: true })
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / mebibyte)
}
